import type { OnnxGraph } from './onnx-graph.js';
import { castTo } from './onnx-linear.js';

/**
 * Σ_f |x_f − point_f|^power of every row and point, without the root: double [N, count]. One feature after the other, in the
 * order and precision of the trainers, so that ties are the same ties; a MatMul would be quicker and lose them.
 * Memory while it runs: three times N · count · 8 bytes.
 *
 * @param points feature-major width × count; Float32 ones are stored so.
 */
export function writeReducedDistances(
  graph: OnnxGraph,
  of: { points: Float32Array | Float64Array; width: number; power: number },
  features: string,
): string {
  const { points, width, power } = of;
  const count = points.length / width;
  const x = castTo(graph, 'double', features);
  let table = graph.constant(points, [width, count]);
  if (points instanceof Float32Array) table = castTo(graph, 'double', table);
  let sum = '';
  for (let f = 0; f < width; f++) {
    const index = graph.constant(BigInt64Array.of(BigInt(f)), [1]);
    const column = graph.node({ op: 'Gather', inputs: [x, index], attributes: { axis: { int: 1 } } });
    const line = graph.node({ op: 'Gather', inputs: [table, index], attributes: { axis: { int: 0 } } });
    const difference = graph.node({ op: 'Sub', inputs: [column, line] });
    const term = writePower(graph, power, difference);
    sum = sum === '' ? term : graph.node({ op: 'Add', inputs: [sum, term] });
  }
  return sum;
}

function writePower(graph: OnnxGraph, power: number, difference: string): string {
  if (power === 2) return graph.node({ op: 'Mul', inputs: [difference, difference] });
  const size = graph.node({ op: 'Abs', inputs: [difference] });
  return power === 1 ? size : graph.node({ op: 'Pow', inputs: [size, graph.constant(Float64Array.of(power), [1])] });
}

/** The distances of reduced ones. */
export function writeRoot(graph: OnnxGraph, power: number, reduced: string): string {
  if (power === 1) return reduced;
  if (power === 2) return graph.node({ op: 'Sqrt', inputs: [reduced] });
  return graph.node({ op: 'Pow', inputs: [reduced, graph.constant(Float64Array.of(1 / power), [1])] });
}
