import { checkFinite, checkLength, checkNotNegative, checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import type { Scores } from './score-classification.js';

export interface RankedListsInput {
  /** Query, user or session of each row: any integers. */
  readonly groups: Int32Array;
  /** ≥ 0; above 0 is relevant. Graded values count as gains for NDCG. */
  readonly relevance: Float64Array;
  /** Higher ranks first. Equal scores share their gains for NDCG; elsewhere the earlier row ranks first. */
  readonly scores: Float64Array;
}

/** Metrics of one list; NaN for what a list without any relevant row cannot say. */
export interface ListMetrics {
  readonly group: number;
  readonly rows: number;
  readonly ndcg: number;
  readonly reciprocalRank: number;
  readonly averagePrecision: number;
  readonly hit: number;
}

/**
 * NDCG@k (gain = relevance, discount log2, ties averaged: scikit-learn's ndcg_score), reciprocal rank of the first
 * relevant row, average precision at k (hits' precisions over min(k, relevant)), and whether any of the first k is
 * relevant, for every list. Lists without a relevant row give NDCG 0 as in scikit-learn, and 0 for the rest.
 *
 * @param k places looked at; undefined: all.
 */
export function rankedListMetrics(input: RankedListsInput, k?: number): ListMetrics[] {
  const { groups, relevance, scores } = input;
  checkLength('relevance', relevance.length, groups.length);
  checkLength('scores', scores.length, groups.length);
  checkFinite('relevance', relevance);
  checkFinite('scores', scores);
  checkNotNegative('relevance', relevance);
  if (k !== undefined) checkRange('k', k, { min: 1, integer: true });
  if (groups.length === 0) throw numErrors.NUM_TOO_FEW('There are no lists to score.');
  const order = Int32Array.from(groups.keys()).sort((i, j) => groups[i] - groups[j] || scores[j] - scores[i] || i - j);
  const out: ListMetrics[] = [];
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && groups[order[to]] === groups[order[from]]) to++;
    out.push(listMetrics(input, order.subarray(from, to), k ?? to - from));
    from = to;
  }
  return out;
}

/** Means of {@link rankedListMetrics} over lists: `ndcg`, `mrr`, `map`, `hitRate`. Every list counts once. */
export function scoreRankedLists(input: RankedListsInput, k?: number): Scores {
  const lists = rankedListMetrics(input, k);
  const mean = (pick: (list: ListMetrics) => number) => lists.reduce((sum, list) => sum + pick(list), 0) / lists.length;
  return {
    ndcg: mean((list) => list.ndcg),
    mrr: mean((list) => list.reciprocalRank),
    map: mean((list) => list.averagePrecision),
    hitRate: mean((list) => list.hit),
  };
}

function listMetrics({ groups, relevance, scores }: RankedListsInput, order: Int32Array, k: number): ListMetrics {
  const places = Math.min(k, order.length);
  let hits = 0;
  let precisions = 0;
  let first = 0;
  for (let place = 0; place < order.length; place++) {
    if (relevance[order[place]] <= 0) continue;
    if (first === 0) first = place + 1;
    if (place < places) precisions += ++hits / (place + 1);
  }
  const relevant = order.reduce((count, row) => count + Number(relevance[row] > 0), 0);
  const ideal = Float64Array.from(order, (row) => relevance[row])
    .sort()
    .reverse();
  const best = ideal.reduce((sum, gain, place) => sum + (place < places ? gain / Math.log2(place + 2) : 0), 0);
  return {
    group: groups[order[0]],
    rows: order.length,
    ndcg: best > 0 ? discountedGain(relevance, scores, { order, places }) / best : 0,
    reciprocalRank: first > 0 && first <= places ? 1 / first : 0,
    averagePrecision: relevant > 0 ? precisions / Math.min(places, relevant) : 0,
    hit: Number(hits > 0),
  };
}

/** Rows of one score stand in no order, so each gets the mean gain of the rows (McSherry & Najork 2008). */
function discountedGain(
  relevance: Float64Array,
  scores: Float64Array,
  { order, places }: { order: Int32Array; places: number },
): number {
  let sum = 0;
  for (let from = 0; from < order.length && from < places; ) {
    let to = from;
    let gain = 0;
    let discount = 0;
    while (to < order.length && scores[order[to]] === scores[order[from]]) {
      gain += relevance[order[to]];
      if (to < places) discount += 1 / Math.log2(to + 2);
      to++;
    }
    sum += (gain / (to - from)) * discount;
    from = to;
  }
  return sum;
}
