import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { cast, integers } from '../onnx-pieces.js';
import type { FittedPart } from '../preprocess-types.js';
import { isMissing, requireColumn, type TableView } from '../table-view.js';

/** Columns of one text, ascending, and how often each occurs in it. */
export interface SparseCounts {
  readonly columns: Int32Array;
  readonly counts: Float32Array;
}

/** How texts become counts, here and in the graph. */
export interface TextCounter {
  readonly column: string;
  readonly featureNames: readonly string[];
  /** Factor of each count; 1 for all when absent. */
  readonly weights?: Float32Array;
  count(text: string): SparseCounts;
  /** Returns the name of the Float32 [N, features] counts. */
  writeCounts(graph: OnnxGraph): string;
}

/** Weighted counts, each row divided by its Euclidean length; a text without known terms gives zeros. */
export function textPart(counter: TextCounter): FittedPart {
  const { column, featureNames, weights } = counter;
  return Object.freeze({
    inputs: [{ name: column, type: 'string' as const, column: 'string' as const, missing: 'zeros' as const }],
    features: featureNames.map((name) => ({ name, categoryCount: 0 })),
    transform: (table: TableView, out: Float32Array) => {
      const n = table.rowCount;
      const { codes, dictionary, validity } = requireColumn(table, column, ['string']);
      const entries = dictionary.map((text) => normalise(counter.count(text), weights));
      for (let row = 0; row < n; row++) {
        if (isMissing(validity, row)) continue;
        const { columns, counts } = entries[codes[row]];
        for (let i = 0; i < columns.length; i++) out[columns[i] * n + row] = counts[i];
      }
    },
    writeOnnx: (graph: OnnxGraph) => {
      const counts = counter.writeCounts(graph);
      if (weights === undefined) return writeUnitRows(graph, counts);
      const factors = graph.constant(weights, [1, weights.length]);
      return writeUnitRows(graph, graph.node({ op: 'Mul', inputs: [counts, factors] }));
    },
  });
}

function normalise({ columns, counts }: SparseCounts, weights: Float32Array | undefined): SparseCounts {
  const out = counts.slice();
  let squares = 0;
  for (let i = 0; i < out.length; i++) {
    if (weights) out[i] *= weights[columns[i]];
    squares += out[i] * out[i];
  }
  const length = Math.max(Math.sqrt(squares), Number.MIN_VALUE);
  for (let i = 0; i < out.length; i++) out[i] /= length;
  return { columns, counts: out };
}

/** In double: the order in which a runtime sums the squares then does not show in the Float32 result. */
function writeUnitRows(graph: OnnxGraph, rows: string): string {
  const wide = cast(graph, rows, 'double');
  const squares = graph.node({ op: 'ReduceSumSquare', inputs: [wide, integers(graph, [1])] });
  const least = graph.constant(Float64Array.of(1e-300), [1, 1]);
  const length = graph.node({ op: 'Max', inputs: [graph.node({ op: 'Sqrt', inputs: [squares] }), least] });
  return cast(graph, graph.node({ op: 'Div', inputs: [wide, length] }), 'float');
}

/** Counts how often each whole number 0..size−1 occurs in each row of int64 [N, T]; others are ignored. */
export function writeOccurrences(
  graph: OnnxGraph,
  ids: string,
  pool: { readonly ngrams: readonly (readonly number[])[]; readonly min: number; readonly max: number },
): string {
  const { ngrams, min, max } = pool;
  const byLength = Array.from({ length: max }, (_, n) =>
    ngrams.map((ids, column) => ({ ids, column })).filter(({ ids }) => ids.length === n + 1),
  );
  const starts: number[] = [];
  let start = 0;
  byLength.forEach((grams, n) => {
    starts.push(start);
    start += grams.length * (n + 1);
  });
  const ordered = byLength.flat();
  return graph.node({
    op: 'TfIdfVectorizer',
    inputs: [ids],
    attributes: {
      mode: { string: 'TF' },
      min_gram_length: { int: min },
      max_gram_length: { int: max },
      max_skip_count: { int: 0 },
      ngram_counts: { ints: starts },
      ngram_indexes: { ints: ordered.map(({ column }) => column) },
      pool_int64s: { ints: ordered.flatMap(({ ids }) => ids) },
    },
  });
}
