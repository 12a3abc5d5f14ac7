import type { ChangeContext } from '../../../platform/db/index.js';
import type { MetricPoint } from '../metric-types.js';
import { missingRun } from '../run-service.js';
import { trackingErrors } from '../tracking-errors.js';
import { keyProblem, pointProblem } from '../tracking-rules.js';
import { writePoints } from '../write-batch.js';
import type { ImportDeps } from './import-deps.js';
import type { ImportedSeries } from './import-types.js';
import { recount } from './inventory.sql.js';

const MAX_POINTS = 50_000;

/** Adds the points of many series in one transaction; points that are here already are kept once. */
export async function importPoints(
  deps: ImportDeps,
  context: ChangeContext,
  series: readonly ImportedSeries[],
): Promise<void> {
  const { db, runStore } = deps;
  const points = new Map<string, MetricPoint[]>();
  let count = 0;
  for (const one of series) {
    count += one.steps.length;
    points.set(one.runId, [...(points.get(one.runId) ?? []), ...pointsOf(one)]);
  }
  if (count > MAX_POINTS) {
    throw trackingErrors.TRK_BATCH_TOO_LARGE(`${count} points at once, at most ${MAX_POINTS} are allowed.`, {
      data: { observed: count },
    });
  }
  await db.transact(context, async (tx) => {
    // In one order, so that two imports of the same runs cannot wait for each other for ever.
    for (const runId of [...points.keys()].sort()) {
      const own = points.get(runId) ?? [];
      const head = (await runStore.lock(tx, runId)) ?? missingRun(runId);
      const numbers = await writePoints(deps, tx, head, own);
      const before = [...numbers.values()].filter(({ isNew }) => !isNew);
      await recount(
        tx,
        before.map(({ no }) => no),
      );
    }
  });
}

function pointsOf({ runId, key, steps, timestampsMs, values }: ImportedSeries): MetricPoint[] {
  const keyed = keyProblem(key);
  if (keyed !== null) refuse('TRK_KEY_INVALID', { runId, key, problem: keyed });
  if (steps.length !== timestampsMs.length || steps.length !== values.length) {
    refuse('TRK_VALUE_INVALID', { runId, key, problem: 'steps, timestampsMs and values differ in length' });
  }
  return steps.map((step, index) => {
    const point = { key, step, timestampMs: timestampsMs[index] as number, value: values[index] as number };
    const problem = pointProblem(point);
    return problem === null ? point : refuse('TRK_VALUE_INVALID', { runId, key, problem });
  });
}

function refuse(
  code: 'TRK_KEY_INVALID' | 'TRK_VALUE_INVALID',
  { runId, key, problem }: { runId: string; key: string; problem: string },
): never {
  const shown = key.slice(0, 80);
  throw trackingErrors[code](`The metric ${JSON.stringify(shown)} of run ${runId} is not allowed: ${problem}.`, {
    data: { runId, key: shown, problem },
  });
}
