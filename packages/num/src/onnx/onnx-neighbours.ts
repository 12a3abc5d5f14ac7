import { numErrors } from '../num-errors.js';
import type { NeighbourMemory } from '../trainers/neighbours/neighbour-memory.js';
import { writeReducedDistances, writeRoot } from './onnx-distances.js';
import type { OnnxGraph } from './onnx-graph.js';
import { castTo } from './onnx-linear.js';

/** 100 MB of Float32 in the file. */
const MOST_VALUES = 25_000_000;

/**
 * Distances to every training row, the k least of them (of equal ones TopK takes the lower index, as the trainer does),
 * and their weighted mean. Returns the name of Float32 [N, columns].
 *
 * @throws NUM_RANGE when the training rows are too many to be carried by a file.
 */
export function writeNeighbours(graph: OnnxGraph, memory: NeighbourMemory, features: string): string {
  const { points, width, table, columns, nNeighbors, power } = memory;
  if (points.length > MOST_VALUES) {
    throw numErrors.NUM_RANGE(
      `The graph would carry ${points.length} training values, more than ${MOST_VALUES}: fit the neighbours on fewer rows.`,
      { data: { values: points.length, most: MOST_VALUES } },
    );
  }
  const count = points.length / width;
  const turned = new Float32Array(points.length);
  for (let i = 0; i < count; i++) for (let f = 0; f < width; f++) turned[f * count + i] = points[i * width + f];
  const reduced = writeReducedDistances(graph, { points: turned, width, power }, features);
  const least = graph.fresh('least');
  const rows = graph.fresh('nearest');
  graph.node({
    op: 'TopK',
    inputs: [reduced, graph.constant(BigInt64Array.of(BigInt(nNeighbors)), [1])],
    output: [least, rows],
    attributes: { axis: { int: 1 }, largest: { int: 0 }, sorted: { int: 1 } },
  });
  const values = graph.constant(table, [count, columns + 1]);
  let found = graph.node({ op: 'Gather', inputs: [values, rows], attributes: { axis: { int: 0 } } });
  if (memory.byDistance) {
    const last = graph.constant(BigInt64Array.of(2n), [1]);
    const shares = graph.node({ op: 'Unsqueeze', inputs: [writeShares(graph, power, least), last] });
    found = graph.node({ op: 'Mul', inputs: [found, shares] });
  }
  const sums = graph.node({
    op: 'ReduceSum',
    inputs: [found, graph.constant(BigInt64Array.of(1n), [1])],
    attributes: { keepdims: { int: 0 } },
  });
  const parts = [graph.fresh('weighted'), graph.fresh('weight')];
  const sizes = graph.constant(BigInt64Array.of(BigInt(columns), 1n), [2]);
  graph.node({ op: 'Split', inputs: [sums, sizes], output: parts, attributes: { axis: { int: 1 } } });
  return castTo(graph, 'float', graph.node({ op: 'Div', inputs: parts }));
}

/** 1 / distance; where a distance is 0, 1 for those at 0 and 0 for the others. */
function writeShares(graph: OnnxGraph, power: number, least: string): string {
  const zero = graph.constant(Float64Array.of(0), [1]);
  const atZero = graph.node({ op: 'Equal', inputs: [least, zero] });
  const first = graph.node({
    op: 'Gather',
    inputs: [atZero, graph.constant(BigInt64Array.of(0n), [1])],
    attributes: { axis: { int: 1 } },
  });
  const inverse = graph.node({ op: 'Reciprocal', inputs: [writeRoot(graph, power, least)] });
  return graph.node({ op: 'Where', inputs: [first, castTo(graph, 'double', atZero), inverse] });
}
