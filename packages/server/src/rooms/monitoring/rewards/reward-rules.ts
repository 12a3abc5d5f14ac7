import type { RewardRow } from '../monitoring-types.js';

/** What one prediction was worth, as it stands. */
export interface StoredReward {
  readonly id: string;
  readonly value: number;
  readonly observedAtMs: number;
  readonly postedAtMs: number;
}

export interface RewardChange {
  readonly inserted: readonly StoredReward[];
  readonly corrected: readonly StoredReward[];
  readonly unchanged: number;
}

/** What a call changes. A value that stands already changes nothing, so repeats are harmless; in one call the last of an id wins. */
export function foldRewards(
  rows: readonly RewardRow[],
  before: ReadonlyMap<string, StoredReward>,
  nowMs: number,
): RewardChange {
  const inserted: StoredReward[] = [];
  const corrected: StoredReward[] = [];
  let unchanged = 0;
  for (const { id, value, observedAtMs = nowMs } of new Map(rows.map((row) => [row.id, row])).values()) {
    const known = before.get(id);
    const next = { id, value, observedAtMs, postedAtMs: nowMs };
    if (known === undefined) inserted.push(next);
    else if (known.value === value) unchanged += 1;
    else corrected.push(next);
  }
  return { inserted, corrected, unchanged };
}
