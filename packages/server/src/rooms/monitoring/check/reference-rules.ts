import { describeSeason, inSeason, seasonOf } from '../drift/season-rules.js';
import type { MonitorSpec } from '../monitoring-types.js';

/** Below this a season says too little about itself. */
const MIN_SEASON_ROWS = 100;
const MARGIN_DAYS = 15;

export interface ChosenReference {
  readonly rows: Int32Array;
  /** What was chosen and, where it is not what was asked for, why. */
  readonly text: string;
}

/** When and what rows are about; null where it is not known. */
export interface RowFacts {
  readonly timesMs: Float64Array | null;
  readonly entities: readonly string[] | null;
}

/**
 * Which training rows a window is compared with. `same-season` compares like with like: rows of the window's part of the
 * year, ± 15 days, and of the window's entities where training knows all of them (a new one must show as drift). Fewer
 * than 100 such rows: those of the season; fewer still, or no time in the training data: all.
 */
export function chooseReference(
  kind: MonitorSpec['reference'],
  training: RowFacts & { readonly rowCount: number },
  window: RowFacts,
): ChosenReference {
  const rows = Int32Array.from({ length: training.rowCount }, (_, row) => row);
  const all = (why: string): ChosenReference => ({ rows, text: `all ${training.rowCount} training rows${why}` });
  const { timesMs } = training;
  if (kind === 'training') return all('');
  if (timesMs === null) return all(': the dataset has no time column');
  if (window.timesMs === null || window.timesMs.length === 0) return all(': nothing was captured yet');
  const season = seasonOf(window.timesMs, MARGIN_DAYS);
  const seasonal = rows.filter((row) => inSeason(season, timesMs[row] as number));
  const name = describeSeason(season);
  if (seasonal.length < MIN_SEASON_ROWS) return all(`: only ${seasonal.length} are of the same season (${name})`);
  const text = (count: number) => `${count} training rows of the same season (${name})`;
  const known = new Set(training.entities);
  const asked = new Set(window.entities);
  const isSubset = [...asked].every((entity) => known.has(entity));
  if (asked.size === 0 || !isSubset || asked.size === known.size)
    return { rows: seasonal, text: text(seasonal.length) };
  const alike = seasonal.filter((row) => asked.has(training.entities?.[row] ?? ''));
  if (alike.length < MIN_SEASON_ROWS) return { rows: seasonal, text: text(seasonal.length) };
  return { rows: alike, text: `${text(alike.length)} and of ${describeEntities([...asked])}` };
}

function describeEntities(entities: readonly string[]): string {
  return entities.length <= 3 ? entities.join(' and ') : `${entities.length} of the entities`;
}

/**
 * At most `limit` of the rows, taken as stretches of neighbours spread over all of them: a thinned series would look
 * less dependent than it is.
 */
export function thinRows(rows: Int32Array, limit: number): Int32Array {
  if (rows.length <= limit) return rows;
  const stretches = 50;
  const length = Math.floor(limit / stretches);
  const out = new Int32Array(stretches * length);
  for (let s = 0; s < stretches; s += 1) {
    const from = Math.floor((s * (rows.length - length)) / (stretches - 1));
    out.set(rows.subarray(from, from + length), s * length);
  }
  return out;
}
