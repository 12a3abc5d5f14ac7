import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { concatFeatures } from '../onnx-pieces.js';
import type { CleanNumber } from './learn-number.js';
import type { Affine } from './learn-scale.js';

/** Clips and fills several raw columns at once; returns the name of the Float32 [N, columns]. */
export function writeClean(graph: OnnxGraph, columns: readonly CleanNumber[]): string {
  const width = columns.length;
  const row = (pick: (column: CleanNumber) => number) => graph.constant(Float32Array.from(columns, pick), [1, width]);
  const raw = concatFeatures(
    graph,
    columns.map(({ name }) => name),
  );
  let values = raw;
  // Max and Min hand NaN on, and whether they do does not matter: the missing mask is taken from the raw values.
  if (columns.some(({ lower }) => lower !== Number.NEGATIVE_INFINITY)) {
    values = graph.node({ op: 'Max', inputs: [values, row(({ lower }) => lower)] });
  }
  if (columns.some(({ upper }) => upper !== Number.POSITIVE_INFINITY)) {
    values = graph.node({ op: 'Min', inputs: [values, row(({ upper }) => upper)] });
  }
  const missing = graph.node({ op: 'IsNaN', inputs: [raw] });
  return graph.node({ op: 'Where', inputs: [missing, row(({ fill }) => fill), values] });
}

/** (x − offset) · factor per feature, without the operations that change nothing. */
export function writeScale(graph: OnnxGraph, features: string, scales: readonly Affine[]): string {
  let out = features;
  const row = (pick: (scale: Affine) => number) => graph.constant(Float32Array.from(scales, pick), [1, scales.length]);
  if (scales.some(({ offset }) => offset !== 0)) {
    out = graph.node({ op: 'Sub', inputs: [out, row(({ offset }) => offset)] });
  }
  if (scales.some(({ factor }) => factor !== 1)) {
    out = graph.node({ op: 'Mul', inputs: [out, row(({ factor }) => factor)] });
  }
  return out;
}
