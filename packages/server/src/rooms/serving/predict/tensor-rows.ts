import type { NamedTensor, TensorData } from '../../../platform/inference/index.js';

type Numbers = Exclude<TensorData, readonly string[]>;

/** Puts the rows of several requests under each other, tensor by tensor by name; all have the tensors of the first. */
export function joinTensors(requests: readonly { readonly tensors: readonly NamedTensor[] }[]): NamedTensor[] {
  return (requests[0]?.tensors ?? []).map((first, i) => {
    const parts = requests.map(({ tensors }) => {
      const same = tensors[i];
      const part = same?.name === first.name ? same : tensors.find(({ name }) => name === first.name);
      if (part?.datatype !== first.datatype) throw new Error(`a request has no ${first.datatype} tensor ${first.name}`);
      return part;
    });
    const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
    return { ...first, shape: [rows, ...first.shape.slice(1)], data: concat(parts.map(({ data }) => data)) };
  });
}

/** The rows of joint outputs back to their requests, `counts` rows each. @throws when an output has other rows */
export function splitTensors(outputs: readonly NamedTensor[], counts: readonly number[]): NamedTensor[][] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const odd = outputs.find(({ shape }) => shape[0] !== total);
  if (odd !== undefined) throw new Error(`output ${odd.name} has ${odd.shape[0]} rows for ${total}`);
  let from = 0;
  return counts.map((count) => {
    const start = from;
    from += count;
    return outputs.map((output) => {
      const width = output.data.length / total;
      return {
        ...output,
        shape: [count, ...output.shape.slice(1)],
        data: rowsOf(output.data, start * width, from * width),
      };
    });
  });
}

function rowsOf(data: TensorData, from: number, until: number): TensorData {
  return isText(data) ? data.slice(from, until) : data.subarray(from, until);
}

function concat(parts: readonly TensorData[]): TensorData {
  const [first] = parts;
  if (first === undefined || isText(first)) return (parts as readonly (readonly string[])[]).flat();
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const Holder = first.constructor as new (length: number) => Numbers;
  const joint = new Holder(length) as Float32Array;
  let at = 0;
  for (const part of parts) {
    joint.set(part as Float32Array, at);
    at += part.length;
  }
  return joint;
}

const isText = (data: TensorData): data is readonly string[] => Array.isArray(data);
