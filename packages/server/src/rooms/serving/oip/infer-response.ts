import type { NamedTensor } from '../../../platform/inference/index.js';
import type { PredictResult } from '../serving-types.js';
import { tensorBytes } from './binary-tensors.js';
import { tensorJson } from './json-tensors.js';

/** The body of an answer. `jsonBytes` is there when tensors follow the JSON as bytes. */
export interface InferResponse {
  readonly body: string | Buffer;
  readonly jsonBytes?: number;
}

/** Writes the answer; outputs named in `binary` go behind the JSON, in the order of the outputs. */
export function writeInferResponse(
  result: Pick<PredictResult, 'version' | 'tensors'>,
  { name, id, binary }: { name: string; id: string; binary: ReadonlySet<string> },
): InferResponse {
  const head = JSON.stringify({ model_name: name, model_version: String(result.version), id }).slice(0, -1);
  const parts: Buffer[] = [];
  const outputs = result.tensors.map((tensor) =>
    binary.has(tensor.name) ? binaryJson(tensor, parts) : tensorJson(tensor),
  );
  const json = `${head},"outputs":[${outputs.join(',')}]}`;
  if (parts.length === 0) return { body: json };
  const bytes = Buffer.from(json);
  return { body: Buffer.concat([bytes, ...parts]), jsonBytes: bytes.length };
}

function binaryJson(tensor: NamedTensor, parts: Buffer[]): string {
  const bytes = tensorBytes(tensor);
  parts.push(bytes);
  const { name, datatype, shape } = tensor;
  return JSON.stringify({ name, datatype, shape, parameters: { binary_data_size: bytes.length } });
}
