import type { ReleaseDeps } from '../release-deps.js';
import type { Release } from '../release-types.js';
import type { ArmLogReader, BothLogs, ReadArmsOptions } from './arm-log-reader.js';
import { compareShadow, emptyLog, readArmLogs } from './arm-log-rules.js';
import { inPlay } from './arm-rules.js';
import type { Arms } from './guardrail-rules.js';
import type { ArmCounts } from './rollout-types.js';

const NOTHING: ArmCounts = { requests: 0, errors: 0, refused: 0, nonFiniteOutputs: 0, p99Ms: Number.NaN };

/** The most rows of the prediction log that one look reads, newest first: of all versions together. */
const MAX_ROWS = 200_000;
/** Reading the log may take one part in so many of the time. */
const REST = 20;
const LEAST_REST_MS = 2_000;

export interface ObservedArms extends Arms {
  /** Of the further arms of a bandit that take part still, in their order. */
  readonly others: readonly ArmCounts[];
}

/** What each version did since the routing table in force took effect, together with what earlier tables of a bandit saw. */
export async function observeArms(
  { serving }: Pick<ReleaseDeps, 'serving'>,
  release: Release,
  stable: string | undefined,
): Promise<ObservedArms> {
  const all = await serving.statistics({ endpoint: release.endpoint, environment: release.environment });
  const countsOf = (deploymentId: string | null | undefined): ArmCounts => {
    const seen = all.find((row) => row.deploymentId === deploymentId)?.sinceRouting;
    if (seen === undefined) return NOTHING;
    const { requests, errors, rejectedInputs, nonFiniteOutputs, p99Ms } = seen;
    return { requests, errors, refused: rejectedInputs, nonFiniteOutputs, p99Ms: requests === 0 ? Number.NaN : p99Ms };
  };
  const carried = release.rollout?.carried;
  return {
    candidate: addCounts(carried?.candidate, countsOf(release.productionDeploymentId)),
    stable: stable === undefined ? null : addCounts(carried?.stable ?? undefined, countsOf(stable)),
    others: inPlay(release.rollout?.others).map(({ deploymentId, carried: before }) =>
      addCounts(before, countsOf(deploymentId)),
    ),
  };
}

/** Counts as they are written down: without a request there is no latency, and NaN has no JSON. */
export function keptCounts(counts: ArmCounts): ArmCounts {
  return { ...counts, p99Ms: Number.isNaN(counts.p99Ms) ? 0 : counts.p99Ms };
}

/** Latencies of two tables cannot be added up: the newer ones count. */
function addCounts(before: ArmCounts | undefined, now: ArmCounts): ArmCounts {
  if (before === undefined) return now;
  return {
    requests: before.requests + now.requests,
    errors: before.errors + now.errors,
    refused: before.refused + now.refused,
    nonFiniteOutputs: before.nonFiniteOutputs + now.nonFiniteOutputs,
    p99Ms: now.requests === 0 ? before.p99Ms : now.p99Ms,
  };
}

export function createArmLogReader(deps: Pick<ReleaseDeps, 'serving' | 'monitoring' | 'preciseNowMs'>): ArmLogReader {
  const known = new Map<string, { readonly logs: BothLogs; readonly untilMs: number }>();
  return {
    read: async (release, options) => {
      const before = known.get(release.id);
      const startedMs = deps.preciseNowMs();
      if (before !== undefined && startedMs < before.untilMs && !options.fresh) return before.logs;
      const logs = await readLogs(deps, release, options);
      const tookMs = deps.preciseNowMs() - startedMs;
      known.set(release.id, { logs, untilMs: startedMs + Math.max(LEAST_REST_MS, REST * tookMs) });
      // Few rollouts are under way at once; what ended long ago need not stay.
      if (known.size > 100) known.delete(known.keys().next().value as string);
      return logs;
    },
  };
}

async function readLogs(
  { serving, monitoring }: Pick<ReleaseDeps, 'serving' | 'monitoring'>,
  { endpoint, environment, productionDeploymentId }: Release,
  { stable, others, fromMs, fairness }: ReadArmsOptions,
): Promise<BothLogs> {
  const rows = await serving.captured({ endpoint, environment, fromMs, last: MAX_ROWS });
  const taking = new Set([stable, productionDeploymentId, ...others]);
  const ours = rows.filter(({ deploymentId }) => taking.has(deploymentId));
  const outcomes = await monitoring.outcomes(endpoint, [...new Set(ours.map(({ id }) => id))]);
  const logs = readArmLogs(ours, { outcomes, fairness });
  const candidate = productionDeploymentId ?? '';
  return {
    candidate: logs.get(candidate) ?? emptyLog(),
    stable: logs.get(stable) ?? emptyLog(),
    others: new Map(others.map((id) => [id, logs.get(id) ?? emptyLog()])),
    shadow: compareShadow(ours, { candidate, stable }),
  };
}
