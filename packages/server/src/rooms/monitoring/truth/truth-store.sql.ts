import type { Reader, Tx } from '../../../platform/db/index.js';
import type { MonitoringStore } from '../monitoring-store.js';
import type { StoredTruth } from './truth-rules.js';

interface Tables {
  monitoring_truth: TruthTableRow;
  monitoring_truth_history: TruthTableRow;
}

interface TruthTableRow {
  endpoint: string;
  prediction_id: string;
  revision: number;
  label: string;
  observed_at_ms: number;
  posted_at_ms: number;
}

/** Both engines bound the number of parameters of one statement. */
const CHUNK = 500;

export const sqlTruthStore: Pick<MonitoringStore, 'truths' | 'saveTruth' | 'truthHistory'> = {
  truths: async (reader, endpoint, ids) => {
    const found = new Map<string, StoredTruth>();
    for (const chunk of chunksOf(ids)) {
      const rows = await reader
        .sql<Tables>()
        .selectFrom('monitoring_truth')
        .selectAll()
        .where('endpoint', '=', endpoint)
        .where('prediction_id', 'in', chunk)
        .execute();
      for (const row of rows) found.set(row.prediction_id, toTruth(row));
    }
    return found;
  },
  saveTruth: async (tx, endpoint, { inserted, corrected, superseded }) => {
    await insert(tx, 'monitoring_truth_history', toRows(endpoint, superseded));
    await insert(tx, 'monitoring_truth', toRows(endpoint, [...inserted, ...corrected]));
  },
  truthHistory: async (reader, endpoint, id) => {
    const rows = await reader
      .sql<Tables>()
      .selectFrom('monitoring_truth_history')
      .selectAll()
      .where('endpoint', '=', endpoint)
      .where('prediction_id', '=', id)
      .orderBy('revision')
      .execute();
    return rows.map(toTruth);
  },
};

async function insert(tx: Tx & Reader, table: keyof Tables, rows: readonly TruthTableRow[]): Promise<void> {
  for (const chunk of chunksOf(rows)) {
    const query = tx.sql<Tables>().insertInto(table).values(chunk);
    await (table === 'monitoring_truth_history'
      ? query
      : query.onConflict((c) =>
          c.columns(['endpoint', 'prediction_id']).doUpdateSet((e) => ({
            revision: e.ref('excluded.revision'),
            label: e.ref('excluded.label'),
            observed_at_ms: e.ref('excluded.observed_at_ms'),
            posted_at_ms: e.ref('excluded.posted_at_ms'),
          })),
        )
    ).execute();
  }
}

const toRows = (endpoint: string, truths: readonly StoredTruth[]): TruthTableRow[] =>
  truths.map((truth) => ({
    endpoint,
    prediction_id: truth.id,
    revision: truth.revision,
    label: truth.label,
    observed_at_ms: truth.observedAtMs,
    posted_at_ms: truth.postedAtMs,
  }));

const toTruth = (row: TruthTableRow): StoredTruth => ({
  id: row.prediction_id,
  label: row.label,
  observedAtMs: Number(row.observed_at_ms),
  postedAtMs: Number(row.posted_at_ms),
  revision: Number(row.revision),
});

function chunksOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, i) => items.slice(i * CHUNK, (i + 1) * CHUNK));
}
