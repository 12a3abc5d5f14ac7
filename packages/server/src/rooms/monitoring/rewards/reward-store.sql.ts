import type { Reader, Tx } from '../../../platform/db/index.js';
import type { MonitoringStore } from '../monitoring-store.js';
import type { StoredReward } from './reward-rules.js';

interface Tables {
  monitoring_reward: {
    endpoint: string;
    prediction_id: string;
    value: number;
    observed_at_ms: number;
    posted_at_ms: number;
  };
}

/** Both engines bound the number of parameters of one statement. */
const CHUNK = 500;

export const sqlRewardStore: Pick<MonitoringStore, 'rewards' | 'saveRewards'> = {
  rewards: async (reader: Reader, endpoint, ids) => {
    const found = new Map<string, StoredReward>();
    for (let start = 0; start < ids.length; start += CHUNK) {
      const rows = await reader
        .sql<Tables>()
        .selectFrom('monitoring_reward')
        .selectAll()
        .where('endpoint', '=', endpoint)
        .where('prediction_id', 'in', ids.slice(start, start + CHUNK))
        .execute();
      for (const row of rows) {
        found.set(row.prediction_id, {
          id: row.prediction_id,
          value: Number(row.value),
          observedAtMs: Number(row.observed_at_ms),
          postedAtMs: Number(row.posted_at_ms),
        });
      }
    }
    return found;
  },
  saveRewards: async (tx: Tx & Reader, endpoint, rewards) => {
    for (let start = 0; start < rewards.length; start += CHUNK) {
      const rows = rewards.slice(start, start + CHUNK).map(({ id, value, observedAtMs, postedAtMs }) => ({
        endpoint,
        prediction_id: id,
        value,
        observed_at_ms: observedAtMs,
        posted_at_ms: postedAtMs,
      }));
      await tx
        .sql<Tables>()
        .insertInto('monitoring_reward')
        .values(rows)
        .onConflict((c) =>
          c.columns(['endpoint', 'prediction_id']).doUpdateSet((e) => ({
            value: e.ref('excluded.value'),
            observed_at_ms: e.ref('excluded.observed_at_ms'),
            posted_at_ms: e.ref('excluded.posted_at_ms'),
          })),
        )
        .execute();
    }
  },
};
