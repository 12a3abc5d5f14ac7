import { columnOf, lcg, lcgMatrix } from '../linalg/lcg.fixture.js';
import type { FeatureMatrix } from '../linalg/matrix.js';
import { runFeatureGraph, worstDifference } from '../onnx/graph-run.fixture.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';

/** The rows of neighbours.golden.json. */
export const x = lcgMatrix(300, 4);
export const queries = lcgMatrix(20, 4, 77);
const noise = lcg(300, 7);
export const score = Float64Array.from(
  noise,
  (z, i) => columnOf(x, 0)[i] + columnOf(x, 1)[i] * columnOf(x, 2)[i] + 0.3 * z,
);
export const three = Int32Array.from(score, (value) => Number(value > 0.7) + Number(value > 1.1));
export const sampleWeight = Float64Array.from(lcg(300, 99), (w) => w + 0.5);

/** Largest difference between `expected` and what the graph says of the same rows. */
export async function graphDifference(
  rows: FeatureMatrix,
  expected: Float64Array,
  model: { writeOnnx(graph: OnnxGraph, features: string): string },
): Promise<number> {
  const width = expected.length / rows.rowCount;
  return worstDifference(expected, await runFeatureGraph(rows, width, (graph, name) => model.writeOnnx(graph, name)));
}
