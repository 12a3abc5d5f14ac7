import type { OnnxGraph } from '../onnx/onnx-graph.js';

/** [N, a], [N, b], … → [N, a + b + …]. */
export function concatFeatures(graph: OnnxGraph, inputs: readonly string[]): string {
  return inputs.length === 1 ? inputs[0] : graph.node({ op: 'Concat', inputs, attributes: { axis: { int: 1 } } });
}

/** [N, 1, width] → [N, width]; 0 in the shape keeps the first dimension, so an empty batch passes too. */
export function flattenRows(graph: OnnxGraph, input: string, width: number): string {
  const shape = graph.constant(BigInt64Array.of(0n, BigInt(width)), [2]);
  return graph.node({ op: 'Reshape', inputs: [input, shape] });
}

/** Type codes of TensorProto. */
const TYPES = { float: 1, int64: 7, double: 11 } as const;

export function cast(graph: OnnxGraph, input: string, type: keyof typeof TYPES): string {
  return graph.node({ op: 'Cast', inputs: [input], attributes: { to: { int: TYPES[type] } } });
}

/** Columns of a matrix, in this order; repeats are allowed. */
export function gatherColumns(graph: OnnxGraph, input: string, columns: ArrayLike<number>): string {
  const indices = graph.constant(BigInt64Array.from(Array.from(columns), BigInt), [columns.length]);
  return graph.node({ op: 'Gather', inputs: [input, indices], attributes: { axis: { int: 1 } } });
}

/** Whole numbers as an int64 initialiser; default shape [length]. */
export function integers(graph: OnnxGraph, values: readonly (number | bigint)[], dims = [values.length]): string {
  return graph.constant(BigInt64Array.from(values, BigInt), dims);
}
