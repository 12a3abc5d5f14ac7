import { createTurns } from '@fairlead/kernel';
import type { Metrics } from '../../platform/telemetry/index.js';
import { createAlertService } from './alerts/alert-service.js';
import { checkNow, prepareCheck } from './check/check-service.js';
import { createReferenceCache } from './check/reference-cache.js';
import { declareMonitor, loadMonitor } from './monitor-service.js';
import { CHECK_JOB, type MonitoringDeps } from './monitoring-deps.js';
import { monitoringErrors } from './monitoring-errors.js';
import { createMonitoringGauges } from './monitoring-metrics.js';
import { sqlMonitoringStore } from './monitoring-store.sql.js';
import type { MonitoringService } from './monitoring-types.js';
import { outcomesOf, postRewards } from './rewards/reward-service.js';
import { performanceOver } from './truth/performance-service.js';
import { postTruth } from './truth/truth-service.js';
import { createRowWatch } from './watch-rows.js';

export interface CreateMonitoringDeps extends Omit<MonitoringDeps, 'store' | 'gauges' | 'onError'> {
  readonly metrics: Pick<Metrics, 'gauge'>;
  readonly onError?: MonitoringDeps['onError'];
}

/** The monitoring room. Call `restore` before rows are noticed and `close` at the end. */
export function createMonitoring({
  metrics,
  onError = () => undefined,
  ...given
}: CreateMonitoringDeps): MonitoringService {
  const deps: MonitoringDeps = {
    ...given,
    onError,
    store: sqlMonitoringStore,
    gauges: createMonitoringGauges(metrics),
  };
  const { db, store, jobs, gauges } = deps;
  const references = createReferenceCache(deps);
  const watch = createRowWatch(deps);
  const inTurn = createTurns();

  const begin = async (name: string) => {
    const monitor = await loadMonitor(deps, name);
    watch.started(name);
    return monitor;
  };

  jobs.handle(CHECK_JOB, async (job) => {
    const { monitor: name } = job.payload as { monitor: string };
    // Saved where the job is marked done, so that a check that is run again leaves one report, not two.
    const { report, save } = await inTurn(name, async () => prepareCheck(deps, references, await begin(name)));
    const commit: typeof save = async (tx) => {
      await save(tx);
      tx.afterCommit(() => watch.checked(name));
    };
    return { result: { reportId: report.id, driftVerdict: report.driftVerdict }, commit };
  });

  return {
    declare: async (context, name, spec) => {
      const declared = await declareMonitor(deps, context, { name, spec });
      watch.watch(declared.monitor);
      return declared;
    },
    list: () => store.monitors(db),
    get: (name) => loadMonitor(deps, name),
    check: (context, name) =>
      inTurn(name, async () => checkNow(deps, references, { context, monitor: await begin(name) })),
    report: async (id) => {
      const report = await store.report(db, id);
      if (report !== undefined) return report;
      throw monitoringErrors.MON_REPORT_NOT_FOUND(`There is no report ${id}.`, { data: { id } });
    },
    reports: async (name, limit) => {
      await loadMonitor(deps, name);
      return store.reports(db, name, limit);
    },
    postTruth: (context, endpoint, rows) => postTruth(deps, context, { endpoint, rows }),
    postRewards: (context, endpoint, rows) => postRewards(deps, context, { endpoint, rows }),
    outcomes: (endpoint, ids) => outcomesOf(deps, endpoint, ids),
    performance: (endpoint, options) => performanceOver(deps, endpoint, options),
    ...createAlertService(deps),
    noticeRows: watch.notice,
    restore: async () => {
      for (const monitor of await store.monitors(db)) {
        watch.watch(monitor);
        gauges.openAlerts(monitor.name, 0);
      }
      for (const { monitor, alerts } of await store.countActive(db)) gauges.openAlerts(monitor, alerts);
    },
    close: watch.idle,
  };
}
