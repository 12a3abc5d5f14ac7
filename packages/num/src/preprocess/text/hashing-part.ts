import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { encodeUtf8 } from '../../onnx/onnx-protobuf.js';
import { cast, concatFeatures, integers } from '../onnx-pieces.js';
import type { TextSpec } from '../preprocess-spec.js';
import type { FittedPart } from '../preprocess-types.js';
import { murmurHash3 } from './murmur-hash.js';
import { textPart, writeOccurrences } from './text-features.js';
import { sparse } from './tf-idf-part.js';
import { type Tokens, tokensOf, writeTokens } from './tokenise.js';

const WORDS = 2 ** 32;
const END = 2n ** 62n;

/**
 * Counts of tokens and their runs in 2^k buckets, rows of unit length. Nothing is learned but the settings. The hash of
 * a run is Σ 31ⁱ · MurmurHash3 modulo 2³².
 *
 * In browsers ONNX Runtime lower-cases letters beyond A–Z too, so that upper-case words with such letters fall into
 * another bucket there than in Node; set lowercase to false where that matters.
 */
export function hashingPart(spec: TextSpec): FittedPart {
  const { name, tokens = 'words', lowercase = true, ngramMin = 1, ngramMax = 1, buckets = 256 } = spec;
  const rule: Tokens = { tokens, lowercase };
  return textPart({
    column: name,
    featureNames: Array.from({ length: buckets }, (_, bucket) => `${name}#${bucket}`),
    count: (text) => {
      const hashes = tokensOf(text, rule).map((token) => murmurHash3(encodeUtf8(token)));
      const counts = new Map<number, number>();
      let runs = hashes;
      for (let length = 1; length <= ngramMax; length++) {
        if (length > 1) runs = runs.slice(0, -1).map((run, at) => (run * 31 + hashes[at + length - 1]) % WORDS);
        if (length < ngramMin) continue;
        for (const run of runs) counts.set(run % buckets, (counts.get(run % buckets) ?? 0) + 1);
      }
      return sparse(counts);
    },
    writeCounts: (graph: OnnxGraph) => {
      const ids = writeBuckets(graph, writeTokens(graph, name, rule), { ngramMin, ngramMax, buckets });
      const ngrams = Array.from({ length: buckets }, (_, bucket) => [bucket]);
      return writeOccurrences(graph, ids, { ngrams, min: 1, max: 1 });
    },
  });
}

/** Bucket of every run of tokens as int64 [N, runs]; −1 for padding. */
function writeBuckets(
  graph: OnnxGraph,
  tokens: string,
  { ngramMin, ngramMax, buckets }: { ngramMin: number; ngramMax: number; buckets: number },
): string {
  const attributes = { seed: { int: 0 }, positive: { int: 1 } };
  const hashed = graph.node({ op: 'MurmurHash3', microsoft: true, inputs: [tokens], attributes });
  const hashes = cast(graph, hashed, 'int64');
  const padding = graph.node({ op: 'Equal', inputs: [tokens, graph.constant([''], [1, 1])] });
  const from = (values: string, start: number) =>
    graph.node({
      op: 'Slice',
      inputs: [values, integers(graph, [start]), integers(graph, [END]), integers(graph, [1])],
    });
  const withoutLast = (values: string) =>
    graph.node({ op: 'Slice', inputs: [values, integers(graph, [0]), integers(graph, [-1]), integers(graph, [1])] });
  const blocks: string[] = [];
  let runs = hashes;
  for (let length = 1; length <= ngramMax; length++) {
    if (length > 1) {
      const shifted = graph.node({ op: 'Mul', inputs: [withoutLast(runs), integers(graph, [31])] });
      const sum = graph.node({ op: 'Add', inputs: [shifted, from(hashes, length - 1)] });
      runs = graph.node({ op: 'Mod', inputs: [sum, integers(graph, [WORDS])] });
    }
    if (length < ngramMin) continue;
    const bucket = graph.node({ op: 'Mod', inputs: [runs, integers(graph, [buckets])] });
    // Padding stands at the end of a row, so a run is whole when its last token is one.
    const cut = length > 1 ? from(padding, length - 1) : padding;
    blocks.push(graph.node({ op: 'Where', inputs: [cut, integers(graph, [-1]), bucket] }));
  }
  return concatFeatures(graph, blocks);
}
