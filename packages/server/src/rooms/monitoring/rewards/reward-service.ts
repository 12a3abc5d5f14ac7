import type { ChangeContext } from '../../../platform/db/index.js';
import type { MonitoringDeps } from '../monitoring-deps.js';
import { rewardsPosted } from '../monitoring-events.js';
import type { PredictionOutcome, RewardOutcome, RewardRow } from '../monitoring-types.js';
import { countUnmatched } from '../truth/truth-service.js';
import { foldRewards } from './reward-rules.js';

/** Stores what predictions were worth, as it becomes known. @throws SRV_ENDPOINT_NOT_FOUND */
export async function postRewards(
  deps: MonitoringDeps,
  context: ChangeContext,
  { endpoint, rows }: { endpoint: string; rows: readonly RewardRow[] },
): Promise<RewardOutcome> {
  await deps.serving.endpoint(endpoint);
  const ids = [...new Set(rows.map(({ id }) => id))];
  const unmatched = await countUnmatched(deps, endpoint, ids);
  return deps.db.transact(context, async (tx) => {
    const before = await deps.store.rewards(tx, endpoint, ids);
    const { inserted, corrected, unchanged } = foldRewards(rows, before, deps.clock.nowMs());
    const counts = { accepted: inserted.length, corrected: corrected.length };
    if (counts.accepted + counts.corrected > 0) {
      await deps.store.saveRewards(tx, endpoint, [...inserted, ...corrected]);
      const values = (ids: Iterable<{ readonly id: string; readonly value: number }>) =>
        Object.fromEntries([...ids].slice(0, 100).map(({ id, value }) => [id, value]));
      const former = corrected.flatMap(({ id }) => before.get(id) ?? []);
      tx.record(
        rewardsPosted.of(
          { kind: 'endpoint', id: endpoint },
          { endpoint, ...counts },
          { before: values(former), after: values(corrected) },
        ),
      );
    }
    return { ...counts, unchanged, unmatched };
  });
}

/** What is known by now of these predictions; those of which nothing is known are left out. */
export async function outcomesOf(
  { db, store }: Pick<MonitoringDeps, 'db' | 'store'>,
  endpoint: string,
  ids: readonly string[],
): Promise<Map<string, PredictionOutcome>> {
  const truths = await store.truths(db, endpoint, ids);
  const rewards = await store.rewards(db, endpoint, ids);
  const outcomes = new Map<string, PredictionOutcome>();
  for (const id of [...truths.keys(), ...rewards.keys()]) {
    outcomes.set(id, { label: truths.get(id)?.label ?? null, reward: rewards.get(id)?.value ?? null });
  }
  return outcomes;
}
