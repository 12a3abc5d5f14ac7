import type { NamedTensor } from '../../../platform/inference/index.js';
import type { ModelSignature } from '../../training/index.js';
import { badTensor } from './json-tensors.js';

/**
 * Refuses what JSON cannot carry and bytes can: infinities, and NaN where the signature does not let a cell be missing.
 *
 * @throws SRV_TENSOR_INVALID with the row, and the place in it of a row of several numbers
 */
export function checkFinite(tensors: readonly NamedTensor[], { inputs }: Pick<ModelSignature, 'inputs'>): void {
  for (const { name, datatype, shape, data } of tensors) {
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
    throw badTensor(`Input ${name}: row ${row}${column}`, {
      got: datatype === 'FP16' ? 'not finite' : data[index],
      expected: 'a finite number (parameters.allow_nan lets others through)',
    });
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
