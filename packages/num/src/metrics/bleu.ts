import { checkLength } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { countNgrams, tokenize13a } from './text-tokens.js';

const ORDER = 4;

/** What BLEU is made of; sums over sentences give a corpus. */
export interface BleuCounts {
  /** N-grams (1 to 4) of the hypotheses that their references hold too. */
  readonly matches: Float64Array;
  readonly totals: Float64Array;
  hypothesisLength: number;
  referenceLength: number;
}

export interface BleuOptions {
  /**
   * What an n-gram order without any match counts: 'exp' (default, sacrebleu and NLTK's method3) 1/2, 1/4, … of one
   * n-gram in turn; 'add-1' one match and one n-gram more for orders above one (NLTK's method2); 'none' nothing, so the
   * score is 0.
   */
  readonly smoothing?: 'exp' | 'add-1' | 'none';
  /** Leave out orders that the hypothesis is too short for. Default true for a sentence, false for a corpus, as sacrebleu. */
  readonly effectiveOrder?: boolean;
}

const empty = (): BleuCounts => ({
  matches: new Float64Array(ORDER),
  totals: new Float64Array(ORDER),
  hypothesisLength: 0,
  referenceLength: 0,
});

function addSentence(counts: BleuCounts, hypothesis: string, references: readonly string[]): void {
  const tokens = tokenize13a(hypothesis);
  const others = references.map(tokenize13a);
  counts.hypothesisLength += tokens.length;
  counts.referenceLength += closestLength(tokens.length, others);
  for (let n = 1; n <= ORDER; n++) {
    const grams = countNgrams(tokens, n);
    const inOthers = others.map((other) => countNgrams(other, n));
    counts.totals[n - 1] += Math.max(0, tokens.length - n + 1);
    for (const [gram, count] of grams) {
      let most = 0;
      for (const other of inOthers) most = Math.max(most, other.get(gram) ?? 0);
      counts.matches[n - 1] += Math.min(count, most);
    }
  }
}

/** Length of the reference nearest in length; the shorter of two as near. */
function closestLength(length: number, references: readonly (readonly string[])[]): number {
  let best = references[0]?.length ?? 0;
  for (const { length: other } of references) {
    const gap = Math.abs(other - length) - Math.abs(best - length);
    if (gap < 0 || (gap === 0 && other < best)) best = other;
  }
  return best;
}

/** BLEU 0..100 of counted n-grams. */
function bleuOf(counts: BleuCounts, { smoothing = 'exp', effectiveOrder = false }: BleuOptions): number {
  const { matches, totals, hypothesisLength, referenceLength } = counts;
  if (hypothesisLength === 0 || matches.every((count) => count === 0)) return 0;
  let logs = 0;
  let orders = 0;
  let halving = 1;
  for (let n = 0; n < ORDER; n++) {
    const extra = smoothing === 'add-1' && n > 0 ? 1 : 0;
    const total = totals[n] + extra;
    if (total === 0) {
      if (effectiveOrder) break;
      return 0;
    }
    let hits = matches[n] + extra;
    if (hits === 0) {
      if (smoothing !== 'exp') return 0;
      halving *= 2;
      hits = 1 / halving;
    }
    logs += Math.log(hits / total);
    orders++;
  }
  const brevity = hypothesisLength < referenceLength ? Math.exp(1 - referenceLength / hypothesisLength) : 1;
  return 100 * brevity * Math.exp(logs / (effectiveOrder ? orders : ORDER));
}

/**
 * BLEU of a whole corpus, 0..100 (Papineni et al. 2002; sacrebleu 2 with 13a tokens, mixed case, 'exp' smoothing). N-grams
 * are summed over sentences before the precisions are taken: it is not the mean of sentences.
 */
export function corpusBleu(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  options: BleuOptions = {},
): number {
  checkLength('references', references.length, hypotheses.length);
  if (hypotheses.length === 0) throw numErrors.NUM_TOO_FEW('There are no sentences to score.');
  const counts = empty();
  for (let i = 0; i < hypotheses.length; i++) addSentence(counts, hypotheses[i], references[i]);
  return bleuOf(counts, options);
}

/** The counts of each sentence as ten columns; their sums over any rows, given to {@link bleuOfSums}, are BLEU of them. */
export function bleuTerms(hypotheses: readonly string[], references: readonly (readonly string[])[]): Float64Array[] {
  checkLength('references', references.length, hypotheses.length);
  const terms = Array.from({ length: 2 * ORDER + 2 }, () => new Float64Array(hypotheses.length));
  hypotheses.forEach((hypothesis, i) => {
    const counts = empty();
    addSentence(counts, hypothesis, references[i]);
    [...counts.matches, ...counts.totals, counts.hypothesisLength, counts.referenceLength].forEach((value, t) => {
      terms[t][i] = value;
    });
  });
  return terms;
}

/** BLEU 0..100 of sums of {@link bleuTerms}. */
export function bleuOfSums(sums: Float64Array, options: BleuOptions = {}): number {
  const [hypothesisLength, referenceLength] = sums.subarray(2 * ORDER);
  return bleuOf(
    { matches: sums.subarray(0, ORDER), totals: sums.subarray(ORDER, 2 * ORDER), hypothesisLength, referenceLength },
    options,
  );
}

/** BLEU of one sentence, 0..100, over the orders it is long enough for (sacrebleu's sentence_bleu). */
export function sentenceBleu(hypothesis: string, references: readonly string[], options: BleuOptions = {}): number {
  const counts = empty();
  addSentence(counts, hypothesis, references);
  return bleuOf(counts, { effectiveOrder: true, ...options });
}
