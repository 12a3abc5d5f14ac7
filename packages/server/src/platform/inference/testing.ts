import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ModelFile, NamedTensor, TensorData } from './inference-types.js';

/** A model of `fixtures/`, which says how each was made. */
export function fixture(name: string): ModelFile {
  const path = fileURLToPath(new URL(`./fixtures/${name}.onnx`, import.meta.url));
  return { path, digest: createHash('sha256').update(readFileSync(path)).digest('hex') };
}

export function floats(name: string, shape: readonly number[], values: readonly number[]): NamedTensor {
  return { name, datatype: 'FP32', shape, data: Float32Array.from(values) };
}

export function steps(count: number): NamedTensor {
  return { name: 'steps', datatype: 'INT64', shape: [1], data: BigInt64Array.of(BigInt(count)) };
}

export function numbersOf(data: TensorData | undefined): unknown[] {
  return Array.from((data ?? []) as ArrayLike<unknown>);
}

export { externalModel, imageModel, WEIGHTS } from './external-data/external-model.fixture.js';
