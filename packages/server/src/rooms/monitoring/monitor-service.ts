import { canonicalJson, isName } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';
import type { MonitoringDeps } from './monitoring-deps.js';
import { monitoringErrors } from './monitoring-errors.js';
import { monitorDeclared } from './monitoring-events.js';
import { problemOf } from './monitoring-rules.js';
import type { Monitor, MonitorSpec } from './monitoring-types.js';

/** Declares or changes a monitor; an equal one changes nothing. @throws MON_SPEC_INVALID, SRV_ENDPOINT_NOT_FOUND */
export async function declareMonitor(
  { db, store, clock, serving }: MonitoringDeps,
  context: ChangeContext,
  { name, spec }: { name: string; spec: MonitorSpec },
): Promise<{ monitor: Monitor; changed: boolean }> {
  const problem = isName(name) ? problemOf(spec) : 'its name must begin with a letter or digit and hold no / or space';
  if (problem !== null) {
    throw monitoringErrors.MON_SPEC_INVALID(`Monitor ${name}: ${problem}.`, { data: { monitor: name, problem } });
  }
  await serving.endpoint(spec.endpoint);
  return db.transact(context, async (tx) => {
    const before = await store.monitor(tx, name);
    if (before !== undefined && canonicalJson(before.spec) === canonicalJson(spec)) {
      return { monitor: before, changed: false };
    }
    const monitor = { name, spec, updatedAtMs: clock.nowMs() };
    await store.saveMonitor(tx, monitor);
    tx.record(
      monitorDeclared.of({ kind: 'monitor', id: name }, { monitor: name }, { before: before?.spec, after: spec }),
    );
    return { monitor, changed: true };
  });
}

export async function loadMonitor({ db, store }: MonitoringDeps, name: string): Promise<Monitor> {
  const monitor = await store.monitor(db, name);
  if (monitor !== undefined) return monitor;
  throw monitoringErrors.MON_NOT_FOUND(`There is no monitor ${name}.`, { data: { monitor: name } });
}
