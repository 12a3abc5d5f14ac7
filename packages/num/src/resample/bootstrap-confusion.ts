import { checkLength } from '../checks.js';
import { type ConfusionMatrix, confusionMatrix } from '../metrics/confusion-matrix.js';
import { type BootstrapInterval, type BootstrapOptions, planBootstrap, summariseDraws } from './bootstrap.js';

/** Rows are drawn in this many groups at most. */
const MAX_GROUPS = 20_000;

export interface LabelledRows {
  readonly truth: Int32Array;
  readonly predicted: Int32Array;
  readonly classCount: number;
  readonly weights?: Float64Array | undefined;
}

/**
 * Bootstrap of several statistics of a confusion matrix on the same resamples. Groups of rows (blocks, or single rows up to
 * 20,000 of them) keep the cells they fill, so ten million rows cost what twenty thousand do.
 *
 * @param statistics gets the same matrix object each time.
 */
export function bootstrapConfusion(
  rows: LabelledRows,
  statistics: (matrix: ConfusionMatrix) => readonly number[],
  options: BootstrapOptions,
): BootstrapInterval[] {
  const { truth, predicted, classCount, weights } = rows;
  checkLength('predicted', predicted.length, truth.length);
  const whole = confusionMatrix(truth, predicted, { classCount, ...(weights && { weights }) });
  const n = truth.length;
  const misses =
    options.blockLength === 'auto' ? Float64Array.from(truth, (t, i) => Number(t !== predicted[i])) : undefined;
  const plan = planBootstrap(n, options, misses);
  const length = Math.max(plan.blockLength, Math.ceil(n / MAX_GROUPS));
  const groups = groupCells(rows, length);
  const counts = new Float64Array(classCount * classCount);
  const matrix: ConfusionMatrix = { classCount, counts };
  const estimates = statistics(whole);
  const draws = estimates.map(() => new Float64Array(plan.resamples));
  const groupCount = groups.starts.length - 1;
  for (let b = 0; b < plan.resamples; b++) {
    counts.fill(0);
    for (let g = 0; g < groupCount; g++) {
      const drawn = options.rng.int(groupCount);
      for (let at = groups.starts[drawn]; at < groups.starts[drawn + 1]; at++) {
        counts[groups.cells[at]] += groups.amounts[at];
      }
    }
    const values = statistics(matrix);
    for (let s = 0; s < draws.length; s++) draws[s][b] = values[s];
  }
  return estimates.map((estimate, s) => summariseDraws(estimate, draws[s], plan));
}

/** For each group of `length` neighbours, the cells that its rows fill and by how much. */
function groupCells({ truth, predicted, classCount, weights }: LabelledRows, length: number) {
  const n = truth.length;
  const groupCount = Math.ceil(n / length);
  const starts = new Int32Array(groupCount + 1);
  const cells: number[] = [];
  const amounts: number[] = [];
  const sums = new Float64Array(classCount * classCount);
  for (let group = 0; group < groupCount; group++) {
    const touched: number[] = [];
    for (let i = group * length; i < Math.min(n, (group + 1) * length); i++) {
      const cell = truth[i] * classCount + predicted[i];
      if (sums[cell] === 0) touched.push(cell);
      sums[cell] += weights ? weights[i] : 1;
    }
    for (const cell of touched) {
      if (sums[cell] === 0) continue; // weight 0, or named twice
      cells.push(cell);
      amounts.push(sums[cell]);
      sums[cell] = 0;
    }
    starts[group + 1] = cells.length;
  }
  return { starts, cells: Int32Array.from(cells), amounts: Float64Array.from(amounts) };
}
