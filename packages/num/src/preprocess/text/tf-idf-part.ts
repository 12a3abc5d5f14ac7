import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import type { TextSpec } from '../preprocess-spec.js';
import type { FittedPart } from '../preprocess-types.js';
import { isMissing, requireColumn, type TableView } from '../table-view.js';
import { caseVariants } from './case-variants.js';
import { type SparseCounts, textPart, writeOccurrences } from './text-features.js';
import { type Tokens, tokensOf, writeTokens } from './tokenise.js';

/** Terms by feature, and the number by which each of their tokens is known. */
interface Vocabulary {
  readonly terms: readonly string[];
  /** Token ids of each term. */
  readonly ngrams: readonly (readonly number[])[];
  /** Id of every spelling of a token. */
  readonly ids: ReadonlyMap<string, number>;
}

/**
 * Counts of learned terms times ln((1 + n) / (1 + rows with the term)) + 1, rows of unit length: scikit-learn's
 * TfidfVectorizer, up to letters beyond A–Z in mixed case (see case-variants.ts).
 *
 * @throws NUM_TOO_FEW when no term is left
 */
export function fitTfIdfPart(table: TableView, spec: TextSpec): FittedPart {
  const { name, tokens = 'words', lowercase = true, ngramMin = 1, ngramMax = 1 } = spec;
  const rule: Tokens = { tokens, lowercase };
  const { vocabulary, weights } = learnVocabulary(table, spec, rule);
  const { terms, ngrams, ids } = vocabulary;
  const columns = new Map(ngrams.map((gram, column) => [gram.join(), column]));
  return textPart({
    column: name,
    featureNames: terms.map((term) => `${name}:${term}`),
    weights,
    count: (text) => {
      const seen = tokensOf(text, rule).map((token) => ids.get(token) ?? -1);
      return countTerms(ngramsOf(seen, ngramMin, ngramMax), columns);
    },
    writeCounts: (graph: OnnxGraph) => {
      const numbers = graph.node({
        op: 'LabelEncoder',
        ml: true,
        inputs: [writeTokens(graph, name, rule)],
        attributes: {
          keys_strings: { strings: [...ids.keys()] },
          values_int64s: { ints: [...ids.values()] },
          default_int64: { int: -1 },
        },
      });
      return writeOccurrences(graph, numbers, { ngrams, min: ngramMin, max: ngramMax });
    },
  });
}

function learnVocabulary(table: TableView, spec: TextSpec, rule: Tokens) {
  const { name, ngramMin = 1, ngramMax = 1, maxFeatures = 200, minFrequency = 1 } = spec;
  const { codes, dictionary, validity } = requireColumn(table, name, ['string']);
  const rows = new Float64Array(dictionary.length);
  for (let row = 0; row < table.rowCount; row++) if (!isMissing(validity, row)) rows[codes[row]]++;
  /** Term → its tokens, how often it occurs, in how many rows. */
  const found = new Map<string, { tokens: readonly string[]; count: number; rows: number }>();
  dictionary.forEach((text, entry) => {
    if (rows[entry] === 0) return;
    const canonical = tokensOf(text, rule).map((token) => (rule.lowercase ? token.toLowerCase() : token));
    const inText = new Set<string>();
    for (const gram of ngramsOf(canonical, ngramMin, ngramMax)) {
      const term = gram.join(rule.tokens === 'words' ? ' ' : '');
      const known = found.get(term) ?? { tokens: gram, count: 0, rows: 0 };
      const before = inText.has(term) ? 0 : rows[entry];
      inText.add(term);
      found.set(term, { tokens: known.tokens, count: known.count + rows[entry], rows: known.rows + before });
    }
  });
  const kept = [...found]
    .filter(([, term]) => term.rows >= minFrequency)
    .sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
    .slice(0, maxFeatures)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (kept.length === 0) {
    throw numErrors.NUM_TOO_FEW(`No term of column ${name} occurs in ${minFrequency} training rows.`, {
      data: { column: name, minFrequency },
    });
  }
  const weights = Float32Array.from(kept, ([, term]) => Math.log((1 + table.rowCount) / (1 + term.rows)) + 1);
  return { vocabulary: numberTokens(kept, rule.lowercase), weights };
}

function numberTokens(kept: readonly [string, { tokens: readonly string[] }][], lowercase: boolean): Vocabulary {
  const canonical = [...new Set(kept.flatMap(([, { tokens }]) => tokens))].sort();
  const idOf = new Map(canonical.map((token, id) => [token, id]));
  const ids = new Map(idOf);
  if (lowercase) {
    for (const [token, id] of idOf)
      for (const variant of caseVariants(token)) if (!ids.has(variant)) ids.set(variant, id);
  }
  return {
    terms: kept.map(([term]) => term),
    ngrams: kept.map(([, { tokens }]) => tokens.map((token) => idOf.get(token) as number)),
    ids,
  };
}

/** Every run of min..max neighbours. */
function* ngramsOf<T>(tokens: readonly T[], min: number, max: number): Generator<readonly T[]> {
  for (let length = min; length <= max; length++) {
    for (let at = 0; at + length <= tokens.length; at++) yield tokens.slice(at, at + length);
  }
}

function countTerms(grams: Iterable<readonly number[]>, columns: ReadonlyMap<string, number>): SparseCounts {
  const counts = new Map<number, number>();
  for (const gram of grams) {
    const column = columns.get(gram.join());
    if (column !== undefined) counts.set(column, (counts.get(column) ?? 0) + 1);
  }
  return sparse(counts);
}

/** In ascending order of columns. */
export function sparse(counts: ReadonlyMap<number, number>): SparseCounts {
  const columns = Int32Array.from(counts.keys()).sort();
  return { columns, counts: Float32Array.from(columns, (column) => counts.get(column) ?? 0) };
}
