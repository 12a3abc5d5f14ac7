import type { TruthRow } from '../monitoring-types.js';

/** Truth of one prediction as it stands. */
export interface StoredTruth {
  readonly id: string;
  readonly label: string;
  readonly observedAtMs: number;
  readonly postedAtMs: number;
  /** 1, then one more with every correction. */
  readonly revision: number;
}

export interface TruthChange {
  readonly inserted: readonly StoredTruth[];
  /** The new state of rows whose label changed, and the states they had. */
  readonly corrected: readonly StoredTruth[];
  readonly superseded: readonly StoredTruth[];
  readonly unchanged: number;
}

/** What a call changes. A label that stands already changes nothing, so repeats are harmless; in one call the last of an id wins. */
export function foldTruth(
  rows: readonly TruthRow[],
  before: ReadonlyMap<string, StoredTruth>,
  nowMs: number,
): TruthChange {
  const last = new Map(rows.map((row) => [row.id, row]));
  const inserted: StoredTruth[] = [];
  const corrected: StoredTruth[] = [];
  const superseded: StoredTruth[] = [];
  let unchanged = 0;
  for (const { id, label, observedAtMs = nowMs } of last.values()) {
    const known = before.get(id);
    const next = { id, label, observedAtMs, postedAtMs: nowMs, revision: (known?.revision ?? 0) + 1 };
    if (known === undefined) inserted.push(next);
    else if (known.label === label) unchanged += 1;
    else {
      corrected.push(next);
      superseded.push(known);
    }
  }
  return { inserted, corrected, superseded, unchanged };
}
