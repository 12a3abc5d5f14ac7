import type { Alert, MonitorReport, MonitorSpec } from '../monitoring-types.js';
import type { Finding } from './findings-rules.js';

/** An alert with what hysteresis needs to remember. */
export interface KeptAlert extends Alert {
  /** Checks running in which the condition was gone. */
  readonly cleanChecks: number;
}

export type AlertStep =
  | { readonly do: 'open' | 'update' | 'escalate' | 'resolve'; readonly alert: KeptAlert }
  | { readonly do: 'nothing' };

/** A single small drift may be chance; of so many checks so many must agree, unless the monitor says otherwise. */
const CONFIRM = { checks: 2, of: 2 };

/**
 * Whether enough of the last checks found drift for an alert that is not critical. `reports` newest first, the present one
 * included. Checks of another version, of too few rows, or of a window looked at already are no second opinion.
 */
export function driftConfirmed(
  reports: readonly MonitorReport[],
  { confirm = CONFIRM }: MonitorSpec['drift'],
): boolean {
  const windows = new Set<string>();
  const judged = reports.filter((report) => {
    const window = `${report.fromMs}/${report.untilMs}/${report.windowRows}`;
    if (report.driftVerdict === 'insufficient' || report.version !== reports[0]?.version) return false;
    if (windows.has(window)) return false;
    windows.add(window);
    return true;
  });
  const agreeing = judged.slice(0, confirm.of).filter((report) => report.driftVerdict === 'drift');
  return agreeing.length >= confirm.checks;
}

/** One clean check may be luck: an alert is resolved when its condition was gone in so many checks running. */
const CLEAN_CHECKS = 2;

export interface AlertFacts {
  readonly newId: string;
  readonly monitor: string;
  readonly endpoint: string;
  readonly reportId: string;
  readonly nowMs: number;
}

/**
 * What a finding does to the one alert that a monitor may have open per kind. Found: opens, or brings the open one up
 * to date without a new event. Gone in two checks running: resolves. Unknown: changes nothing and counts for nothing.
 */
export function stepAlert(active: KeptAlert | undefined, finding: Finding, facts: AlertFacts): AlertStep {
  const { newId, monitor, endpoint, reportId, nowMs } = facts;
  if (finding.state === 'found') {
    const { kind, severity, title, evidence } = finding;
    const seen = { severity, title, evidence, reportId, updatedAtMs: nowMs, cleanChecks: 0 };
    if (active !== undefined) {
      const worse = active.severity === 'warning' && severity === 'critical';
      return { do: worse ? 'escalate' : 'update', alert: { ...active, ...seen } };
    }
    const opened = { state: 'open' as const, openedAtMs: nowMs, resolvedAtMs: null, acknowledgedBy: null };
    return { do: 'open', alert: { id: newId, monitor, endpoint, kind, ...seen, ...opened } };
  }
  if (active === undefined || finding.state === 'unknown') return { do: 'nothing' };
  const cleanChecks = active.cleanChecks + 1;
  const next = { ...active, cleanChecks, updatedAtMs: nowMs };
  if (cleanChecks < CLEAN_CHECKS) return { do: 'update', alert: next };
  return { do: 'resolve', alert: { ...next, state: 'resolved', resolvedAtMs: nowMs } };
}
