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
  /** 1 or 2 (default) conditions per slice. */
  readonly maxConditions?: 1 | 2;
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
 * Every slice of one or two conditions with enough support, judged on all rows: no sampling, no greedy search, so no
 * slice is missed. Cost: rows × pairs of columns.
 *
 * @param losses one value per row, higher is worse, for example squared error of a probability.
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
  if (n === 0) throw numErrors.NUM_TOO_FEW('There are no rows to slice.');
  for (const column of columns) checkLength(`codes of ${column.name}`, column.codes.length, n);
  const found: Candidate[] = [];
  const whole = groups(losses, [])[0];
  for (let a = 0; a < columns.length; a++) {
    const single = groups(losses, [columns[a]]);
    found.push(...candidates(single, whole, [columns[a]]));
    for (let b = a + 1; maxConditions === 2 && b < columns.length; b++) {
      const pair = [columns[a], columns[b]];
      const other = groups(losses, [columns[b]]);
      const width = columns[b].labels.length;
      // A pair with the rows of one of its conditions alone says nothing new.
      const fresh = groups(losses, pair).map((group, at) => {
        const same = group.count === single[Math.floor(at / width)].count || group.count === other[at % width].count;
        return same ? EMPTY : group;
      });
      found.push(...candidates(fresh, whole, pair));
    }
  }
  const tested = found.filter((slice) => slice.support >= minSupport);
  const adjusted = benjaminiHochberg(Float64Array.from(tested, (slice) => slice.pValue));
  const slices = tested.map((slice, i) => ({ ...slice, adjustedPValue: adjusted[i] }));
  slices.sort((a, b) => b.meanLoss - a.meanLoss || b.support - a.support);
  return { overallMeanLoss: whole.sum / n, tested: tested.length, slices: slices.slice(0, limit) };
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

function candidates(parts: readonly Group[], whole: Group, columns: readonly SliceColumn[]): Candidate[] {
  const width = columns[1]?.labels.length ?? 1;
  return parts.flatMap((part, at) => {
    const restCount = whole.count - part.count;
    if (part.count < 2 || restCount < 2) return [];
    const codes = columns.length === 1 ? [at] : [Math.floor(at / width), at % width];
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
