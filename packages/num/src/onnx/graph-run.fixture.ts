import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { FeatureMatrix } from '../linalg/matrix.js';
import { OnnxGraph } from './onnx-graph.js';

/** Runs what `write` adds to a graph on the matrix; returns the row-major Float32 output [N, width]. */
export async function runFeatureGraph(
  x: FeatureMatrix,
  width: number,
  write: (graph: OnnxGraph, features: string) => string,
): Promise<Float32Array> {
  const graph = new OnnxGraph();
  graph.input('features', 'float', ['N', x.featureCount]);
  graph.node({ op: 'Identity', inputs: [write(graph, 'features')], output: 'out' });
  graph.output('out', 'float', ['N', width]);
  const session = await InferenceSession.create(graph.finish('test', {}));
  const rows = new Float32Array(x.values.length);
  for (let f = 0; f < x.featureCount; f++) {
    for (let i = 0; i < x.rowCount; i++) rows[i * x.featureCount + f] = x.values[f * x.rowCount + i];
  }
  const { out } = await session.run({ features: new Tensor('float32', rows, [x.rowCount, x.featureCount]) });
  if (out.dims[0] !== x.rowCount || out.dims[1] !== width) throw new Error(`shape ${out.dims}`);
  return out.data as Float32Array;
}

/** Largest |a − b| relative to max(1, |a|). */
export function worstDifference(expected: ArrayLike<number>, observed: ArrayLike<number>): number {
  if (expected.length !== observed.length) throw new Error(`${expected.length} values against ${observed.length}`);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(expected[i] - observed[i]) / Math.max(1, Math.abs(expected[i]));
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}
