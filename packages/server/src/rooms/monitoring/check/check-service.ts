import { newId } from '@fairlead/kernel';
import type { ChangeContext, Reader, Tx } from '../../../platform/db/index.js';
import { type AlertStep, driftConfirmed, stepAlert } from '../alerts/alert-rules.js';
import { findingsOf } from '../alerts/findings-rules.js';
import { presentAlert } from '../alerts/present-alert.js';
import type { MonitoringDeps } from '../monitoring-deps.js';
import { alertEscalated, alertOpened, alertResolved } from '../monitoring-events.js';
import type { Monitor, MonitorReport } from '../monitoring-types.js';
import { type BuiltReport, buildReport } from './build-report.js';
import type { ReferenceCache } from './reference-cache.js';

/** Reports read to see whether a drift was found before; some of them may not count. */
const RECENT_REPORTS = 30;

/** A finished look at a window, not stored yet. */
export interface PreparedCheck {
  readonly report: MonitorReport;
  /** Stores the report and opens, updates or resolves alerts, in the caller's transaction. */
  save(tx: Tx & Reader): Promise<void>;
}

export async function prepareCheck(
  deps: MonitoringDeps,
  references: ReferenceCache,
  monitor: Monitor,
): Promise<PreparedCheck> {
  const built = await buildReport(deps, references, monitor);
  return { report: built.report, save: (tx) => saveCheck(deps, tx, { ...built, monitor }) };
}

/** The same outside a job. */
export async function checkNow(
  deps: MonitoringDeps,
  references: ReferenceCache,
  { context, monitor }: { context: ChangeContext; monitor: Monitor },
): Promise<MonitorReport> {
  const { report, save } = await prepareCheck(deps, references, monitor);
  await deps.db.transact(context, save);
  return report;
}

async function saveCheck(
  { store, clock, gauges }: MonitoringDeps,
  tx: Tx & Reader,
  { report, issues, monitor }: BuiltReport & { monitor: Monitor },
): Promise<void> {
  await store.beginCheck(tx, monitor.name);
  await store.insertReport(tx, report);
  for (const finding of findingsOf(report, monitor.spec, issues)) {
    const active = await store.activeAlert(tx, monitor.name, finding.kind);
    const step = stepAlert(active, finding, {
      newId: newId(clock.nowMs()),
      monitor: monitor.name,
      endpoint: report.endpoint,
      reportId: report.id,
      nowMs: clock.nowMs(),
    });
    if (step.do === 'nothing') continue;
    if (step.do === 'open' && finding.kind === 'drift' && step.alert.severity !== 'critical') {
      const recent = await store.reports(tx, monitor.name, RECENT_REPORTS);
      if (!driftConfirmed(recent, monitor.spec.drift)) continue;
    }
    await store.saveAlert(tx, step.alert);
    recordStep(tx, step, active);
  }
  const open = (await store.countActive(tx)).find((count) => count.monitor === monitor.name)?.alerts ?? 0;
  tx.afterCommit(() => {
    gauges.checked(report);
    gauges.openAlerts(monitor.name, open);
  });
}

function recordStep(tx: Tx, step: Exclude<AlertStep, { do: 'nothing' }>, before: unknown): void {
  if (step.do === 'update') return;
  const alert = presentAlert(step.alert);
  const { id: alertId, monitor, endpoint, kind, severity, title, evidence, reportId } = alert;
  const event = { open: alertOpened, escalate: alertEscalated, resolve: alertResolved }[step.do];
  tx.record(
    event.of(
      { kind: 'alert', id: alertId },
      { alertId, monitor, endpoint, kind, severity, title, evidence, reportId },
      { before, after: alert },
    ),
  );
}
