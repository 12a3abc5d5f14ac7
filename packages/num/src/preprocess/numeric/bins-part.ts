import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { cast, flattenRows } from '../onnx-pieces.js';
import type { NumericSpec } from '../preprocess-spec.js';
import type { Feature, FittedPart } from '../preprocess-types.js';
import type { TableView } from '../table-view.js';
import { cleanInto, learnNumber } from './learn-number.js';
import { inputOf } from './numbers-part.js';
import { writeClean } from './onnx-numbers.js';

/**
 * Replaces a number by its bin: bin b holds edge b−1 ≤ x < edge b, what lies outside falls into the first or last bin.
 * Edges are quantiles (equal ones merge) or of equal width, as in scikit-learn's KBinsDiscretizer. Missing cells are
 * imputed first, so impute 'none' is refused by the check of the specification.
 */
export function fitBinsPart(table: TableView, spec: NumericSpec): FittedPart {
  const clean = learnNumber(table, spec);
  const values = new Float32Array(table.rowCount);
  cleanInto(table, clean, values);
  const edges = binEdges(values, spec);
  const oneHot = spec.binEncoding === 'one-hot';
  const count = edges.length + 1;
  const features: Feature[] = oneHot
    ? Array.from({ length: count }, (_, bin) => ({ name: `${spec.name}=bin${bin}`, categoryCount: 0 }))
    : [{ name: `${spec.name}_bin`, categoryCount: 0 }];
  return Object.freeze({
    inputs: [inputOf(clean)],
    features,
    transform: (rows: TableView, out: Float32Array) => {
      const n = rows.rowCount;
      const numbers = oneHot ? new Float32Array(n) : out;
      cleanInto(rows, clean, numbers);
      for (let row = 0; row < n; row++) {
        const bin = binOf(numbers[row], edges);
        if (oneHot) out[bin * n + row] = 1;
        else out[row] = bin;
      }
    },
    writeOnnx: (graph: OnnxGraph) => {
      const bin = writeBin(graph, writeClean(graph, [clean]), edges);
      if (!oneHot) return bin;
      const depth = graph.constant(BigInt64Array.of(BigInt(count)), []);
      const offOn = graph.constant(Float32Array.of(0, 1), [2]);
      return flattenRows(graph, graph.node({ op: 'OneHot', inputs: [cast(graph, bin, 'int64'), depth, offOn] }), count);
    },
  });
}

/** Number of edges that are not above the value. */
function binOf(value: number, edges: Float32Array): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function writeBin(graph: OnnxGraph, numbers: string, edges: Float32Array): string {
  const row = graph.constant(edges, [1, edges.length]);
  const reached = cast(graph, graph.node({ op: 'GreaterOrEqual', inputs: [numbers, row] }), 'float');
  const axes = graph.constant(BigInt64Array.of(1n), [1]);
  return graph.node({ op: 'ReduceSum', inputs: [reached, axes] });
}

/** Inner edges, ascending. An edge between two Float32 values is rounded up: x ≥ edge then means the same for each. */
function binEdges(values: Float32Array, { name, bins = 5, binStrategy = 'quantile' }: NumericSpec): Float32Array {
  const sorted = values.slice().sort();
  const min = sorted[0];
  const max = sorted[sorted.length - 1];
  if (min === max) {
    throw numErrors.NUM_TOO_FEW(`Column ${name} is ${min} in every training row, so it has no bins.`, {
      data: { column: name },
    });
  }
  const edges: number[] = [];
  let before = min;
  for (let i = 1; i < bins; i++) {
    const exact = binStrategy === 'uniform' ? min + ((max - min) / bins) * i : averagedQuantile(sorted, i, bins);
    // scikit-learn merges quantiles that lie closer than this, the outermost included.
    if (binStrategy === 'quantile' && (exact - before <= 1e-8 || max - exact <= 1e-8)) continue;
    before = exact;
    const edge = ceilToFloat32(exact);
    if (edge !== edges[edges.length - 1]) edges.push(edge);
  }
  if (edges.length > 0) return Float32Array.from(edges);
  throw numErrors.NUM_TOO_FEW(`Of ${bins} quantile bins of column ${name} one is left; take uniform bins.`, {
    data: { column: name, bins },
  });
}

/** Quantile part/parts by numpy's 'averaged_inverted_cdf', which KBinsDiscretizer uses since scikit-learn 1.9. */
function averagedQuantile(sorted: Float32Array, part: number, parts: number): number {
  const position = Math.floor((sorted.length * part) / parts);
  if ((sorted.length * part) % parts !== 0) return sorted[position];
  return (sorted[position - 1] + sorted[position]) / 2;
}

function ceilToFloat32(value: number): number {
  const float = Float32Array.of(value);
  if (float[0] >= value) return float[0];
  const bits = new Int32Array(float.buffer);
  if (float[0] === 0) return 2 ** -149;
  bits[0] += float[0] > 0 ? 1 : -1;
  return float[0];
}
