import type { ChangeContext } from '../../../platform/db/index.js';
import type { MonitoringDeps } from '../monitoring-deps.js';
import { monitoringErrors } from '../monitoring-errors.js';
import { truthPosted } from '../monitoring-events.js';
import type { TruthOutcome, TruthRow } from '../monitoring-types.js';
import { foldTruth } from './truth-rules.js';

/** Most truths come soon after their prediction; only what is not among these makes the whole log be read. */
const RECENT_ROWS = 5_000;

/** Stores truth as it comes: late, in parts, corrected, before its prediction. @throws MON_TRUTH_LABEL */
export async function postTruth(
  deps: MonitoringDeps,
  context: ChangeContext,
  { endpoint, rows }: { endpoint: string; rows: readonly TruthRow[] },
): Promise<TruthOutcome> {
  const { model } = await deps.serving.endpoint(endpoint);
  await checkLabels(deps, model, rows);
  const ids = [...new Set(rows.map(({ id }) => id))];
  const unmatched = await countUnmatched(deps, endpoint, ids);
  return deps.db.transact(context, async (tx) => {
    const before = await deps.store.truths(tx, endpoint, ids);
    const change = foldTruth(rows, before, deps.clock.nowMs());
    const counts = { accepted: change.inserted.length, corrected: change.corrected.length };
    if (counts.accepted + counts.corrected > 0) {
      await deps.store.saveTruth(tx, endpoint, change);
      const brief = (truths: typeof change.inserted) =>
        Object.fromEntries(truths.slice(0, 100).map(({ id, label }) => [id, label]));
      tx.record(
        truthPosted.of(
          { kind: 'endpoint', id: endpoint },
          { endpoint, ...counts },
          { before: brief(change.superseded), after: brief(change.corrected) },
        ),
      );
    }
    return { ...counts, unchanged: change.unchanged, unmatched };
  });
}

/** A truth that is no label would count as a wrong prediction for ever, so a misspelt one is refused. */
async function checkLabels({ registry }: MonitoringDeps, model: string, rows: readonly TruthRow[]): Promise<void> {
  const labels = new Set((await registry.versions(model)).flatMap(({ signature }) => signature.labels));
  if (labels.size === 0) return;
  const wrong = rows.find(({ label }) => !labels.has(label));
  if (wrong === undefined) return;
  const known = [...labels].slice(0, 50);
  throw monitoringErrors.MON_TRUTH_LABEL(
    `The truth of ${wrong.id} is ${JSON.stringify(wrong.label)}; the labels of ${model} are ${known.join(', ')}.`,
    { data: { id: wrong.id, label: wrong.label, labels: known } },
  );
}

/** How many of these ids no prediction has yet. */
export async function countUnmatched(
  { serving }: MonitoringDeps,
  endpoint: string,
  ids: readonly string[],
): Promise<number> {
  const recent = await serving.recentlyCaptured(endpoint, ids);
  const missing = new Set(ids.filter((id) => !recent.has(id)));
  if (missing.size === 0) return 0;
  const environments = new Set(
    serving.liveEndpoints().flatMap((live) => (live.endpoint === endpoint ? [live.environment] : [])),
  );
  for (const last of [RECENT_ROWS, undefined]) {
    for (const environment of environments) {
      if (missing.size === 0) return 0;
      const query = { endpoint, environment, ids: [...missing], ...(last !== undefined && { last }) };
      for (const { id } of await serving.captured(query)) missing.delete(id);
    }
  }
  return missing.size;
}
