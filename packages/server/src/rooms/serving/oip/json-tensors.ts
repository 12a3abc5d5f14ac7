import type { Datatype, NamedTensor, TensorData, TensorSpec } from '../../../platform/inference/index.js';
import { describe } from '../predict/input-issues.js';
import { servingErrors } from '../serving-errors.js';

type Element = number | bigint | string;

interface JsonDatatype {
  /** The element as the tensor holds it; undefined when the JSON value is not one of this type. Nothing is coerced. */
  readonly read: (value: unknown) => Element | undefined;
  readonly expected: string;
  readonly allocate: (length: number) => TensorData;
}

const MAX_SAFE = Number.MAX_SAFE_INTEGER;

function integer(allocate: JsonDatatype['allocate'], [min, max]: readonly [number, number]): JsonDatatype {
  return {
    read: (value) =>
      Number.isInteger(value) && (value as number) >= min && (value as number) <= max ? (value as number) : undefined,
    expected: `an integer from ${min} to ${max}`,
    allocate,
  };
}

/** Beyond 2^53 − 1 JSON.parse has already changed the number, so that we cannot know what was meant. */
function wideInteger(allocate: JsonDatatype['allocate'], min: number): JsonDatatype {
  const narrow = integer(allocate, [min, MAX_SAFE]);
  return {
    ...narrow,
    read: (value) => {
      const number = narrow.read(value);
      return number === undefined ? undefined : BigInt(number);
    },
  };
}

function float(allocate: JsonDatatype['allocate'], round: (value: number) => number): JsonDatatype {
  return {
    read: (value) => (typeof value === 'number' && Number.isFinite(round(value)) ? value : undefined),
    expected: 'a finite number in the range of the datatype',
    allocate,
  };
}

/** What JSON can carry. FP16 is missing on purpose: the protocol has no JSON form for it. */
const JSON_DATATYPES: Readonly<Partial<Record<string, JsonDatatype>>> = {
  BOOL: {
    read: (value) => (typeof value === 'boolean' ? Number(value) : undefined),
    expected: 'true or false',
    allocate: (n) => new Uint8Array(n),
  },
  UINT8: integer((n) => new Uint8Array(n), [0, 2 ** 8 - 1]),
  UINT16: integer((n) => new Uint16Array(n), [0, 2 ** 16 - 1]),
  UINT32: integer((n) => new Uint32Array(n), [0, 2 ** 32 - 1]),
  UINT64: wideInteger((n) => new BigUint64Array(n), 0),
  INT8: integer((n) => new Int8Array(n), [-(2 ** 7), 2 ** 7 - 1]),
  INT16: integer((n) => new Int16Array(n), [-(2 ** 15), 2 ** 15 - 1]),
  INT32: integer((n) => new Int32Array(n), [-(2 ** 31), 2 ** 31 - 1]),
  INT64: wideInteger((n) => new BigInt64Array(n), -MAX_SAFE),
  FP32: float((n) => new Float32Array(n), Math.fround),
  FP64: float(
    (n) => new Float64Array(n),
    (value) => value,
  ),
  BYTES: {
    read: (value) => (typeof value === 'string' ? value : undefined),
    expected: 'a string',
    allocate: (n) => new Array<string>(n).fill(''),
  },
};

/** SRV_TENSOR_INVALID for a place in the request. */
export function badTensor(place: string, { got, expected }: { got: unknown; expected: string }): Error {
  const seen = describe(got);
  return servingErrors.SRV_TENSOR_INVALID(`${place} is ${seen}, expected ${expected}.`, {
    data: { place, got: seen, expected },
  });
}

/**
 * Reads one JSON tensor against what the model declares. Shape and number of elements are compared before any memory is
 * taken, so a small request cannot ask for a huge tensor.
 *
 * @throws SRV_TENSOR_INVALID
 */
export function readJsonTensor(input: Readonly<Record<string, unknown>>, spec: TensorSpec): NamedTensor {
  const place = `Input ${spec.name}`;
  checkDatatype(input.datatype, spec);
  const type = JSON_DATATYPES[spec.datatype];
  if (type === undefined) {
    throw badTensor(place, { got: `${spec.datatype} as JSON`, expected: 'binary data: JSON has no form for it' });
  }
  const shape = readShape(input.shape, spec);
  const size = sizeOf(shape);
  const { data: values } = input;
  if (!Array.isArray(values)) throw badTensor(`${place}: data`, { got: values, expected: 'an array' });
  const nested = Array.isArray(values[0]) && shape.length > 1;
  if (nested) checkNesting(values, shape, place);
  else if (values.length !== size) {
    throw badTensor(`${place}: data`, {
      got: values,
      expected: `${size} elements for the shape [${shape.join(', ')}]`,
    });
  }
  const data = type.allocate(size) as Element[];
  let index = 0;
  const fill = (items: readonly unknown[], depth: number): void => {
    for (const item of items) {
      if (depth > 1) {
        fill(item as unknown[], depth - 1);
        continue;
      }
      const element = type.read(item);
      if (element === undefined) throw badTensor(`${place}: element ${index}`, { got: item, expected: type.expected });
      data[index] = element;
      index += 1;
    }
  };
  fill(values, nested ? shape.length : 1);
  return { name: spec.name, datatype: spec.datatype as Datatype, shape, data: data as unknown as TensorData };
}

/** How many elements a shape holds. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/** @throws SRV_TENSOR_INVALID unless the tensor is of the datatype that the model takes */
export function checkDatatype(got: unknown, { name, datatype }: TensorSpec): void {
  if (got !== datatype) throw badTensor(`Input ${name}: datatype`, { got, expected: datatype });
}

/** The declared shape of an input: the model's rank and dimensions, each at least 1. @throws SRV_TENSOR_INVALID */
export function readShape(value: unknown, spec: TensorSpec): number[] {
  const expected = `[${spec.shape.join(', ')}] with any positive number for -1`;
  const place = `Input ${spec.name}: shape`;
  if (!Array.isArray(value)) throw badTensor(place, { got: value, expected });
  const fits =
    value.length === spec.shape.length &&
    value.every((dim, i) => Number.isSafeInteger(dim) && dim > 0 && [dim, -1].includes(spec.shape[i] as number));
  const size = value.reduce((product: number, dim) => product * Number(dim), 1);
  if (fits && Number.isSafeInteger(size)) return value;
  const shown = JSON.stringify(value).slice(0, 60);
  throw servingErrors.SRV_TENSOR_INVALID(`${place} is ${shown}, expected ${expected}.`, {
    data: { place, got: shown, expected },
  });
}

function checkNesting(values: readonly unknown[], [dim = 0, ...rest]: readonly number[], place: string): void {
  if (values.length !== dim) throw badTensor(`${place}: data`, { got: values, expected: `an array of ${dim}` });
  if (rest.length === 0) return;
  for (const item of values) {
    if (!Array.isArray(item)) throw badTensor(`${place}: data`, { got: item, expected: `an array of ${rest[0]}` });
    checkNesting(item, rest, place);
  }
}

/** Whether the protocol has a JSON form for tensors of this datatype. */
export const hasJsonForm = (datatype: Datatype): boolean => Object.hasOwn(JSON_DATATYPES, datatype);

/** The tensor as JSON text, flat. 64-bit integers keep every digit. */
export function tensorJson({ name, datatype, shape, data }: NamedTensor): string {
  const head = JSON.stringify({ name, datatype, shape }).slice(0, -1);
  return `${head},"data":${elementsJson(datatype, data)}}`;
}

function elementsJson(datatype: Datatype, data: TensorData): string {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return `[${data.join(',')}]`;
  const elements = Array.from(data as ArrayLike<number | string>);
  return JSON.stringify(datatype === 'BOOL' ? elements.map((bit) => bit === 1) : elements);
}
