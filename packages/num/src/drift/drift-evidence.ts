import { numErrors } from '../num-errors.js';
import { proportionTest } from '../resample/proportions.js';
import {
  type BinnedPair,
  jensenShannonDivergence,
  ksStatistic,
  normedWasserstein,
  populationStabilityIndex,
} from './drift-distances.js';
import { contingencyTest, ksPValue } from './drift-tests.js';
import type { ColumnDrift } from './drift-types.js';
import { finiteCount } from './profile-numeric.js';
import type { CategoryProfile, NumericProfile } from './profile-types.js';

export type Evidence = Omit<ColumnDrift, 'verdict' | 'effect' | 'adjustedPValue'>;

const QUANTILE_BINS = 10;

/** Missing, NaN and infinite cells are bins of their own: a column that goes silent has drifted. */
export function numericEvidence(r: NumericProfile, c: NumericProfile, effectiveRatio: number): Evidence {
  if (r.edges.length !== c.edges.length || r.edges.some((edge, i) => edge !== c.edges[i])) {
    throw numErrors.NUM_SHAPE(`Column ${r.name}: profile the current rows with the reference profile, to share edges.`);
  }
  const fine = { reference: Float64Array.from(r.counts), current: Float64Array.from(c.counts), edges: r.edges };
  const [n, m] = [finiteCount(r), finiteCount(c)];
  const coarse = withSilentBins(quantileBins(fine), r, c);
  const both = n > 0 && m > 0;
  const ks = both ? ksStatistic(fine) : 0;
  const ksP = both ? ksPValue(ks, n * effectiveRatio, m * effectiveRatio) : 1;
  const silent = r.count - n + (c.count - m) > 0;
  const silentP = silent
    ? proportionTest(
        { successes: (r.count - n) * effectiveRatio, trials: r.count * effectiveRatio },
        { successes: (c.count - m) * effectiveRatio, trials: c.count * effectiveRatio },
      )
    : 1;
  return {
    name: r.name,
    kind: 'numeric',
    // Two looks at one column: Bonferroni keeps their joint false-alarm rate at the level of one.
    pValue: silent && both ? Math.min(1, 2 * Math.min(ksP, silentP)) : Math.min(ksP, silentP),
    statistics: {
      jensenShannon: Math.sqrt(jensenShannonDivergence(coarse, effectiveRatio)),
      psi: populationStabilityIndex(coarse, effectiveRatio),
      ks,
      wasserstein: both ? normedWasserstein(fine, effectiveRatio) : 0,
    },
    referenceRows: r.count,
    currentRows: c.count,
    missingRatio: { reference: ratio(r.missing + r.nan, r.count), current: ratio(c.missing + c.nan, c.count) },
  };
}

/** Merges fine bins into about ten that hold equal shares of the reference; a heavy single value keeps its own. */
function quantileBins(fine: BinnedPair): { reference: number[]; current: number[] } {
  const n = fine.reference.reduce((sum, count) => sum + count, 0);
  const decile = (rows: number): number => Math.floor((rows * QUANTILE_BINS) / n);
  const out = { reference: [0], current: [0] };
  let seen = 0;
  for (let bin = 0; bin < fine.reference.length; bin++) {
    const last = out.reference.length - 1;
    out.reference[last] += fine.reference[bin];
    out.current[last] += fine.current[bin];
    seen += fine.reference[bin];
    const crossed = decile(seen) > decile(seen - out.reference[last]);
    if (crossed && bin < fine.reference.length - 1) {
      out.reference.push(0);
      out.current.push(0);
    }
  }
  return out;
}

function withSilentBins(
  bins: { reference: number[]; current: number[] },
  r: NumericProfile,
  c: NumericProfile,
): BinnedPair {
  return {
    reference: Float64Array.of(...bins.reference, r.missing, r.nan, r.negativeInfinity, r.positiveInfinity),
    current: Float64Array.of(...bins.current, c.missing, c.nan, c.negativeInfinity, c.positiveInfinity),
  };
}

export function categoryEvidence(r: CategoryProfile, c: CategoryProfile, effectiveRatio: number): Evidence {
  const known = new Map(r.categories);
  const now = new Map(c.categories);
  const values = [...new Set([...known.keys(), ...now.keys()])].sort((a, b) => (a < b ? -1 : 1));
  const pair = {
    reference: Float64Array.from([...values.map((value) => known.get(value) ?? 0), r.other, r.missing]),
    current: Float64Array.from([...values.map((value) => now.get(value) ?? 0), c.other, c.missing]),
  };
  const test = contingencyTest(pair, effectiveRatio);
  const unseen = c.categories.filter(([value]) => !known.has(value)).sort((a, b) => b[1] - a[1]);
  return {
    name: r.name,
    kind: 'category',
    pValue: test.pValue,
    statistics: {
      jensenShannon: Math.sqrt(jensenShannonDivergence(pair, effectiveRatio)),
      psi: populationStabilityIndex(pair, effectiveRatio),
      chiSquare: test.statistic,
    },
    referenceRows: r.count,
    currentRows: c.count,
    missingRatio: { reference: ratio(r.missing, r.count), current: ratio(c.missing, c.count) },
    unseen: unseen.slice(0, 20),
  };
}

const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
