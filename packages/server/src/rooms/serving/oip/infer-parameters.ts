import { servingErrors } from '../serving-errors.js';
import { badTensor } from './json-tensors.js';

export type Members = Readonly<Record<string, unknown>>;
export type Parameters = Readonly<Record<string, string | number | bigint | boolean>>;

/** Would change what the bytes of a request or an answer mean, so they cannot be passed over like other hints. */
const REFUSED = ['classification', 'shared_memory_region', 'shared_memory_byte_size', 'shared_memory_offset'];

const NONE: Parameters = Object.freeze({});

/**
 * The parameters at one place of a request. Names we do not know are hints and stay unused.
 *
 * @throws SRV_TENSOR_INVALID, SRV_UNSUPPORTED
 */
export function readParameters(place: string, parameters: unknown): Parameters {
  if (parameters === undefined) return NONE;
  if (!isMembers(parameters)) throw badTensor(place, { got: parameters, expected: 'an object' });
  for (const [name, value] of Object.entries(parameters)) {
    if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value)) {
      throw badTensor(`${place}.${name.slice(0, 60)}`, { got: value, expected: 'a string, number or boolean' });
    }
    if (REFUSED.includes(name)) {
      throw servingErrors.SRV_UNSUPPORTED(`${place}.${name}: this extension is not offered here.`, {
        data: { parameter: name },
      });
    }
  }
  return parameters as Parameters;
}

/** A parameter that is true or false; undefined when it is not there. @throws SRV_TENSOR_INVALID */
export function readFlag(place: string, parameters: Parameters, name: string): boolean | undefined {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw badTensor(`${place}.${name}`, { got: value, expected: 'true or false' });
}

/** How many bytes of the body belong to a tensor; undefined when it stands in the JSON. @throws SRV_TENSOR_INVALID */
export function readBinarySize(place: string, parameters: Parameters): number | undefined {
  const value = Object.hasOwn(parameters, 'binary_data_size') ? parameters.binary_data_size : undefined;
  if (value === undefined || value === false) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw badTensor(`${place}.binary_data_size`, { got: value, expected: 'a number of bytes' });
}

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
