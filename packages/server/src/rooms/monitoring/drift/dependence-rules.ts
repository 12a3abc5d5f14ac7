import { type Cell, type Column, cellAt, columnLength, isPresent, type Table } from '@fairlead/frame';

/** Lags beyond this add noise, not knowledge. */
const MAX_LAG = 30;
/** A column counts for at least so much per row: below it a window of some dozen rows could never say anything. */
const MIN_RATIO = 0.05;
const MAX_CATEGORIES = 20;

/**
 * Independent rows per row, in [0.05, 1], of a column whose rows stand in order of time. With τ = 1 + 2·Σρₖ, the
 * integrated autocorrelation time (Sokal 1997), summed until the first lag that does not stand out of the noise
 * (2/√n), n rows carry the information of n/τ. For a process with one lag this is the familiar (1−ρ)/(1+ρ). Taking ρ₁
 * alone was tried: it halves the variance of rain and of fog, whose dry and foggy spells outlast what lag 1 tells, and
 * so calls a spell drift.
 *
 * A text column gives the mean over its categories, weighted by their variance. `series` are the row indices of one
 * entity each, so that interleaved places are not taken for one.
 */
export function effectiveRatioOf(column: Column, series: readonly Int32Array[]): number {
  const time = column.kind === 'string' ? textTime(column, series) : correlationTime(numbersOf(column), series);
  return Math.min(1, Math.max(MIN_RATIO, 1 / time));
}

/** One text for the values of the entity columns of a row. */
export function entityKey(cells: readonly Cell[]): string {
  return cells.map(String).join(', ');
}

/** Row indices by the values of the entity columns, in row order; one series when there are none. */
export function seriesOf(table: Table, entity: readonly string[]): Int32Array[] {
  const keys = entity.flatMap((name) => table.columns.get(name) ?? []);
  const groups = new Map<string, number[]>();
  for (let row = 0; row < table.rowCount; row += 1) {
    const key = entityKey(keys.map((column) => cellAt(column, row)));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()].map((rows) => Int32Array.from(rows));
}

/** Missing cells are NaN. */
function numbersOf(column: Exclude<Column, { kind: 'string' }>): Float64Array {
  const out = new Float64Array(columnLength(column));
  for (let row = 0; row < out.length; row += 1) {
    out[row] = isPresent(column.validity, row) ? (column.values[row] as number) : Number.NaN;
  }
  return out;
}

function textTime(column: Extract<Column, { kind: 'string' }>, series: readonly Int32Array[]): number {
  const counts = new Float64Array(column.dictionary.length);
  for (let row = 0; row < column.codes.length; row += 1) {
    const code = column.codes[row] as number;
    if (isPresent(column.validity, row)) counts[code] = (counts[code] as number) + 1;
  }
  const byCount = Array.from(counts.keys()).sort((a, b) => (counts[b] as number) - (counts[a] as number));
  let [time, weight] = [0, 0];
  for (const code of byCount.slice(0, MAX_CATEGORIES)) {
    const share = (counts[code] as number) / Math.max(1, column.codes.length);
    const variance = share * (1 - share);
    if (!(variance > 0)) continue;
    const indicator = Float64Array.from(column.codes, (other, row) =>
      Number(other === code && isPresent(column.validity, row)),
    );
    time += variance * correlationTime(indicator, series);
    weight += variance;
  }
  return weight > 0 ? time / weight : 1;
}

/** Integrated autocorrelation time, at least 1; deviations are taken from the mean of each series. */
function correlationTime(values: Float64Array, series: readonly Int32Array[]): number {
  const deviations = series.map((rows) => deviationsOf(values, rows));
  const lagged = (lag: number): number => {
    let sum = 0;
    for (const d of deviations) {
      for (let i = lag; i < d.length; i += 1) sum += (d[i] as number) * (d[i - lag] as number);
    }
    return sum;
  };
  const total = lagged(0);
  if (!(total > 0)) return 1;
  const noise = 2 / Math.sqrt(deviations.reduce((sum, d) => sum + d.length, 0));
  let time = 1;
  for (let lag = 1; lag <= MAX_LAG; lag += 1) {
    const correlation = lagged(lag) / total;
    if (correlation <= noise) break;
    time += 2 * correlation;
  }
  return time;
}

/** What is not finite counts as the mean: it neither adds to nor takes from a correlation. */
function deviationsOf(values: Float64Array, rows: Int32Array): Float64Array {
  let [sum, n] = [0, 0];
  for (let i = 0; i < rows.length; i += 1) {
    const value = values[rows[i] as number] as number;
    if (!Number.isFinite(value)) continue;
    sum += value;
    n += 1;
  }
  const mean = n > 0 ? sum / n : 0;
  return Float64Array.from(rows, (row) => {
    const value = values[row] as number;
    return Number.isFinite(value) ? value - mean : 0;
  });
}
