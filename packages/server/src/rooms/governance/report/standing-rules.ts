import type { Release, ReleaseState } from '../../release/index.js';
import type { RoutingTable } from '../../serving/index.js';

/** A stretch of time in which a version had one share of an endpoint's requests. */
export interface LiveSpan {
  readonly endpoint: string;
  readonly environment: string;
  readonly weight: number;
  readonly fromMs: number;
  /** Null: still. */
  readonly untilMs: number | null;
}

/** When a version answered which share, from the history of routing (oldest first). Equal neighbours become one span. */
export function liveSpans(history: readonly RoutingTable[], version: number): LiveSpan[] {
  const spans: LiveSpan[] = [];
  for (const [index, table] of history.entries()) {
    const weight = table.entries.reduce((sum, entry) => sum + (entry.version === version ? entry.weight : 0), 0);
    const untilMs = history[index + 1]?.setAtMs ?? null;
    const last = spans.at(-1);
    if (last !== undefined && last.untilMs === table.setAtMs && last.weight === weight) {
      spans[spans.length - 1] = { ...last, untilMs };
    } else if (weight > 0) {
      const { endpoint, environment, setAtMs } = table;
      spans.push({ endpoint, environment, weight, fromMs: setAtMs, untilMs });
    }
  }
  return spans;
}

export interface Standing {
  readonly tone: 'good' | 'bad' | 'warn' | 'plain';
  readonly headline: string;
}

const BY_STATE: Readonly<Record<ReleaseState, Standing>> = {
  testing: { tone: 'plain', headline: 'In test: its gates are being decided' },
  'gates-failed': { tone: 'bad', headline: 'Refused by its gates' },
  'awaiting-approval': { tone: 'warn', headline: 'Passed its gates, waits for signatures' },
  approved: { tone: 'warn', headline: 'Approved, not rolled out' },
  'rolling-out': { tone: 'warn', headline: 'Rollout under way' },
  released: { tone: 'plain', headline: 'Was released; does not serve now' },
  rejected: { tone: 'bad', headline: 'Rejected by a signature' },
  expired: { tone: 'bad', headline: 'Its approval expired' },
  'rolled-back': { tone: 'bad', headline: 'Rolled back' },
  withdrawn: { tone: 'plain', headline: 'Withdrawn; does not serve now' },
  superseded: { tone: 'plain', headline: 'Its release was superseded' },
  failed: { tone: 'bad', headline: 'Its release failed' },
};

/** Where the version stands, from what serves production now and from its newest release. */
export function standingOf(spans: readonly LiveSpan[], releases: readonly Pick<Release, 'state'>[]): Standing {
  const now = spans.filter((span) => span.environment === 'production' && span.untilMs === null);
  if (now.some((span) => span.weight >= 1)) return { tone: 'good', headline: 'Live in production' };
  if (now.length > 0) return { tone: 'warn', headline: 'Answers a part of the requests in production' };
  const [newest] = releases;
  return newest === undefined
    ? { tone: 'plain', headline: 'Registered; nobody has asked for its release' }
    : BY_STATE[newest.state];
}
