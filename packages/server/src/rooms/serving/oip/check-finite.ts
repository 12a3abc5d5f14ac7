import type { NamedTensor } from '../../../platform/inference/index.js';
import type { ModelSignature } from '../../training/index.js';
import { badTensor } from './json-tensors.js';

/**
 * Refuses what JSON cannot carry and bytes can: infinities, and NaN where the signature does not let a cell be missing.
 *
 * @throws SRV_TENSOR_INVALID with the row, and the place in it of a row of several numbers
 */
export function checkFinite(tensors: readonly NamedTensor[], { inputs }: Pick<ModelSignature, 'inputs'>): void {
  for (const { name, datatype, shape, data, columns } of tensors) {
    if (columns !== undefined) {
      checkColumns({ columns, data: data as Float32Array }, inputs);
      continue;
    }
    const index =
      datatype === 'FP32' || datatype === 'FP64'
        ? findOdd(data as Float64Array, isMissingAllowed(inputs, name))
        : datatype === 'FP16'
          ? findOddHalf(data as Uint16Array, isMissingAllowed(inputs, name))
          : -1;
    if (index === -1) continue;
    const width = data.length / (shape[0] ?? 1);
    const row = Math.floor(index / width);
    const column = width === 1 ? '' : `, place ${index % width}`;
    throw notFinite(`Input ${name}: row ${row}${column}`, datatype === 'FP16' ? 'not finite' : data[index]);
  }
}

const notFinite = (place: string, got: unknown) =>
  badTensor(place, { got, expected: 'a finite number (parameters.allow_nan lets others through)' });

/** Of rows in which several inputs stand side by side. */
function checkColumns(
  { columns, data }: { columns: readonly string[]; data: Float32Array },
  inputs: ModelSignature['inputs'],
): void {
  const width = columns.length;
  const missing = columns.map((name) => isMissingAllowed(inputs, name));
  for (let i = 0; i < data.length; i += 1) {
    const value = data[i] as number;
    if (value - value === 0 || (Number.isNaN(value) && missing[i % width] === true)) continue;
    throw notFinite(`Input ${columns[i % width]}: row ${Math.floor(i / width)}`, value);
  }
}

function isMissingAllowed(inputs: ModelSignature['inputs'], name: string): boolean {
  return inputs.find((input) => input.name === name)?.nullable === true;
}

function findOdd(values: Float64Array, missing: boolean): number {
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    // Neither NaN nor an infinity is equal to nought after this.
    if (value - value !== 0 && !(missing && Number.isNaN(value))) return i;
  }
  return -1;
}

const EXPONENT = 0x7c00;
const FRACTION = 0x03ff;

function findOddHalf(bits: Uint16Array, missing: boolean): number {
  return bits.findIndex((half) => (half & EXPONENT) === EXPONENT && !(missing && (half & FRACTION) !== 0));
}
