import { checkFinite, checkLength, checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { benjaminiHochberg } from '../resample/benjamini-hochberg.js';
import { normalSurvival } from '../special/special-functions.js';
import type { SliceColumn } from './slice-columns.js';

export interface Slice {
  readonly conditions: readonly { readonly column: string; readonly value: string }[];
  readonly support: number;
  readonly meanLoss: number;
  /** Mean loss of all other rows. */
  readonly restMeanLoss: number;
  /** meanLoss − restMeanLoss. */
  readonly difference: number;
  /** One-sided Welch test that the slice is worse than the rest. */
  readonly pValue: number;
  /** After Benjamini–Hochberg over every slice tested. */
  readonly adjustedPValue: number;
}

export interface WorstSlicesOptions {
  /** Rows a slice needs, at least 2. Default: 30 or 1 % of the rows, whichever is more. */
  readonly minSupport?: number;
  /** 1, 2 (default) or 3 conditions per slice. */
  readonly maxConditions?: 1 | 2 | 3;
  /** Slices to return. Default 10. */
  readonly limit?: number;
}

export interface WorstSlices {
  readonly overallMeanLoss: number;
  readonly tested: number;
  /** By falling mean loss. */
  readonly slices: readonly Slice[];
}

/**
 * Every slice of one to three conditions with enough support, judged on all rows: no sampling, no greedy search, so no
 * slice is missed. A slice has no more rows than any of its parts, so what lacks support is not refined (Apriori, Agrawal &
 * Srikant 1994); the rows of a supported pair are walked once per third column. Cost: rows × pairs of columns, and for
 * three conditions rows × triples at most.
 *
 * @param losses one value per row, higher is worse, for example squared error of a probability or of a number.
 */
export function findWorstSlices(
  columns: readonly SliceColumn[],
  losses: Float64Array,
  options: WorstSlicesOptions = {},
): WorstSlices {
  const n = losses.length;
  const { minSupport = Math.max(30, Math.ceil(n / 100)), maxConditions = 2, limit = 10 } = options;
  checkFinite('losses', losses);
  checkRange('minSupport', minSupport, { min: 2 });
  checkRange('maxConditions', maxConditions, { min: 1, max: 3, integer: true });
  if (n === 0) throw numErrors.NUM_TOO_FEW('There are no rows to slice.');
  for (const column of columns) checkLength(`codes of ${column.name}`, column.codes.length, n);
  const search = { columns, losses, whole: groups(losses, [])[0], minSupport, found: [] as Candidate[] };
  const singles = columns.map((column) => groups(losses, [column]));
  singles.forEach((single, a) => {
    keep(search, single, [a]);
  });
  for (let a = 0; maxConditions >= 2 && a < columns.length; a++) {
    for (let b = a + 1; b < columns.length; b++) searchPairs(search, { a, b, singles, third: maxConditions === 3 });
  }
  const adjusted = benjaminiHochberg(Float64Array.from(search.found, (slice) => slice.pValue));
  const slices = search.found.map((slice, i) => ({ ...slice, adjustedPValue: adjusted[i] }));
  slices.sort((a, b) => b.meanLoss - a.meanLoss || b.support - a.support);
  return { overallMeanLoss: search.whole.sum / n, tested: slices.length, slices: slices.slice(0, limit) };
}

interface Search {
  readonly columns: readonly SliceColumn[];
  readonly losses: Float64Array;
  readonly whole: Group;
  readonly minSupport: number;
  readonly found: Candidate[];
}

/** Judges the groups with enough rows; `columns` are places in the list of columns, `first` the cell of the first group. */
function keep(search: Search, parts: readonly Group[], columns: readonly number[], first = 0): void {
  const named = columns.map((at) => search.columns[at]);
  for (const slice of candidates(parts, search.whole, { columns: named, first })) {
    if (slice.support >= search.minSupport) search.found.push(slice);
  }
}

interface PairSearch {
  readonly a: number;
  readonly b: number;
  readonly singles: readonly (readonly Group[])[];
  readonly third: boolean;
}

function searchPairs(search: Search, { a, b, singles, third }: PairSearch): void {
  const { columns, losses, minSupport } = search;
  const width = columns[b].labels.length;
  const pairs = groups(losses, [columns[a], columns[b]]);
  // A pair with the rows of one of its conditions alone says nothing new; neither does what refines it.
  const fresh = pairs.map((group, at) => {
    const same =
      group.count === singles[a][Math.floor(at / width)].count || group.count === singles[b][at % width].count;
    return same ? EMPTY : group;
  });
  keep(search, fresh, [a, b]);
  if (!third || b + 1 === columns.length || !fresh.some((group) => group.count >= minSupport)) return;
  const starts = new Int32Array(fresh.length);
  const rows = rowsOfCells(columns[a], columns[b], { cells: fresh, minSupport, starts });
  for (let c = b + 1; c < columns.length; c++) {
    const { codes, labels } = columns[c];
    const pairsA = groups(losses, [columns[a], columns[c]]);
    const pairsB = groups(losses, [columns[b], columns[c]]);
    for (let cell = 0; cell < fresh.length; cell++) {
      const { count } = fresh[cell];
      if (count < minSupport) continue;
      const parts = groupRows(losses, { rows, from: starts[cell], count, codes, labels: labels.length });
      const news = parts.map((part, k) => {
        const ofA = pairsA[Math.floor(cell / width) * labels.length + k].count;
        const ofB = pairsB[(cell % width) * labels.length + k].count;
        return part.count < count && part.count < ofA && part.count < ofB ? part : EMPTY;
      });
      keep(search, news, [a, b, c], cell * labels.length);
    }
  }
}

/** Rows of each supported cell of a pair, one cell after the other; fills where each begins. */
function rowsOfCells(
  a: SliceColumn,
  b: SliceColumn,
  { cells, minSupport, starts }: { cells: readonly Group[]; minSupport: number; starts: Int32Array },
): Int32Array {
  let size = 0;
  cells.forEach((group, cell) => {
    starts[cell] = size;
    if (group.count >= minSupport) size += group.count;
  });
  const next = starts.slice();
  const rows = new Int32Array(size);
  const width = b.labels.length;
  for (let row = 0; row < a.codes.length; row++) {
    const cell = a.codes[row] * width + b.codes[row];
    if (cells[cell].count >= minSupport) rows[next[cell]++] = row;
  }
  return rows;
}

interface SomeRows {
  readonly rows: Int32Array;
  readonly from: number;
  readonly count: number;
  readonly codes: Int32Array;
  readonly labels: number;
}

/** {@link groups} of some of the rows by one column. */
function groupRows(losses: Float64Array, { rows, from, count, codes, labels }: SomeRows): Group[] {
  const counts = new Float64Array(labels);
  const means = new Float64Array(labels);
  const m2 = new Float64Array(labels);
  for (let at = from; at < from + count; at++) {
    const k = codes[rows[at]];
    const loss = losses[rows[at]];
    const delta = loss - means[k];
    means[k] += delta / ++counts[k];
    m2[k] += delta * (loss - means[k]);
  }
  return Array.from(counts, (size, k) => ({ count: size, sum: size * means[k], squares: m2[k] }));
}

type Candidate = Omit<Slice, 'adjustedPValue'>;

interface Group {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}
const EMPTY: Group = { count: 0, sum: 0, squares: 0 };

/** Count, sum and centred squares of the losses per combination of codes. */
function groups(losses: Float64Array, columns: readonly SliceColumn[]): Group[] {
  const size = columns.reduce((product, column) => product * column.labels.length, 1);
  const count = new Float64Array(size);
  const mean = new Float64Array(size);
  const m2 = new Float64Array(size);
  const first = columns[0]?.codes;
  const second = columns[1]?.codes;
  const width = columns[1]?.labels.length ?? 1;
  for (let row = 0; row < losses.length; row++) {
    const at = (first ? first[row] : 0) * width + (second ? second[row] : 0);
    const delta = losses[row] - mean[at];
    mean[at] += delta / ++count[at];
    m2[at] += delta * (losses[row] - mean[at]);
  }
  return Array.from(count, (rows, at) => ({ count: rows, sum: rows * mean[at], squares: m2[at] }));
}

function candidates(
  parts: readonly Group[],
  whole: Group,
  { columns, first }: { columns: readonly SliceColumn[]; first: number },
): Candidate[] {
  return parts.flatMap((part, at) => {
    const restCount = whole.count - part.count;
    if (part.count < 2 || restCount < 2) return [];
    const codes = decode(first + at, columns);
    const meanLoss = part.sum / part.count;
    const restMeanLoss = (whole.sum - part.sum) / restCount;
    const difference = meanLoss - restMeanLoss;
    // Chan's formula backwards: what remains of the squares when the part is taken out.
    const restSquares = whole.squares - part.squares - (difference * difference * part.count * restCount) / whole.count;
    const error = Math.sqrt(
      part.squares / (part.count - 1) / part.count + Math.max(0, restSquares) / (restCount - 1) / restCount,
    );
    const pValue = error > 0 ? normalSurvival(difference / error) : difference > 0 ? 0 : 1;
    const conditions = columns.map((column, i) => ({ column: column.name, value: column.labels[codes[i]] }));
    return [{ conditions, support: part.count, meanLoss, restMeanLoss, difference, pValue }];
  });
}

/** The code of each column in a cell of their product; the last column moves fastest. */
function decode(cell: number, columns: readonly SliceColumn[]): number[] {
  const codes: number[] = [];
  let left = cell;
  for (let c = columns.length - 1; c >= 0; c--) {
    const width = columns[c].labels.length;
    codes.unshift(left % width);
    left = Math.floor(left / width);
  }
  return codes;
}
