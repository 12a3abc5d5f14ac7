import type { ChangeContext } from '../../platform/db/index.js';
import type { RoutingTable } from '../serving/index.js';
import { PRODUCTION, type ReleaseDeps } from './release-deps.js';
import { releaseErrors } from './release-errors.js';
import { loadPolicy, loadRelease, requireState, saveRelease } from './release-record.js';
import type { Release } from './release-types.js';
import { abandon, finish, moveTo } from './rollout-moves.js';
import { type CanaryObservation, type CanarySpec, decideCanary, judgeGuardrails } from './rollout-rules.js';
import { expireIfOld } from './sign-service.js';

/** Starts the rollout of an approved release: loads it in production and gives it its first share of traffic. */
export async function startRollout(deps: ReleaseDeps, context: ChangeContext, id: string): Promise<Release> {
  const approved = await expireIfOld(deps, context, await loadRelease(deps, id));
  requireState(approved, ['approved'], 'rolled out');
  const { endpoint } = approved;
  const { rollout: spec, digest } = await loadPolicy(deps, endpoint);
  if (digest !== approved.policyDigest) {
    throw releaseErrors.REL_WRONG_STATE(`Release ${id} was approved under another policy.`, { data: { id, digest } });
  }
  const version = await deps.registry.version(approved.model, approved.version);
  const deployment = await deps.serving.deploy(context, { endpoint, environment: PRODUCTION, version });
  const stable = stableEntry(await deps.serving.routing(endpoint, PRODUCTION));
  const release = { ...approved, productionDeploymentId: deployment.id };
  // Nothing to compare with: the first release of an endpoint takes all its traffic whatever the strategy.
  if (stable === undefined) return finish(deps, context, { release, reason: 'first release of the endpoint' });
  if (stable.deploymentId === deployment.id) return finish(deps, context, { release, reason: 'it is live already' });
  if (spec.kind === 'all-at-once') return finish(deps, context, { release, reason: 'all at once' });
  if (spec.kind === 'canary' && spec.steps.length === 1) {
    return finish(deps, context, { release, reason: 'canary of a single step' });
  }
  const weight = spec.kind === 'canary' ? (spec.steps[0]?.weight ?? 1) : 0;
  const reason = `${spec.kind} begins`;
  return moveTo(deps, context, { release, spec, step: 0, weight, stable: stable.deploymentId, reason });
}

/** Judges the guardrails of a rollout and moves it on, back, or nowhere. */
export async function advanceRollout(
  deps: ReleaseDeps,
  context: ChangeContext,
  { id, force }: { id: string; force: boolean },
): Promise<Release> {
  const release = await loadRelease(deps, id);
  requireState(release, ['rolling-out'], 'advanced');
  const { rollout } = release;
  if (rollout === null) return release;
  const { spec } = rollout;
  if (spec.kind !== 'canary') {
    return force ? finish(deps, context, { release, reason: 'the shadow was promoted' }) : release;
  }
  const seen = await observe(deps, release);
  const guardrails = judgeGuardrails(spec, seen);
  const decision = decideCanary({
    spec,
    step: rollout.step,
    guardrails,
    requests: seen.requests,
    waitedMs: deps.clock.nowMs() - rollout.sinceMs,
    force,
  });
  const judged: Release = { ...release, rollout: { ...rollout, guardrails } };
  const { reason } = decision;
  if (decision.kind === 'finish' || (decision.kind === 'advance' && isLast(spec, decision.step))) {
    return finish(deps, context, { release: judged, reason });
  }
  const stable = otherEntry(await deps.serving.routing(release.endpoint, PRODUCTION), release.productionDeploymentId);
  if (decision.kind === 'advance' && stable !== undefined) {
    const { step, weight } = decision;
    return moveTo(deps, context, { release, spec, step, weight, stable, reason });
  }
  if (decision.kind === 'roll-back' && stable !== undefined) {
    return abandon(deps, context, { release: judged, stable, reason });
  }
  return note(deps, context, { release, rollout: { ...rollout, guardrails, note: reason } });
}

/** Writes down what the last look found, when it differs from the look before. */
export async function note(
  deps: ReleaseDeps,
  context: ChangeContext,
  { release, rollout }: { release: Release; rollout: NonNullable<Release['rollout']> },
): Promise<Release> {
  if (release.rollout?.note === rollout.note) return release;
  return deps.db.transact(context, (tx) => saveRelease(deps, tx, { release, change: { rollout } }));
}

/** What the candidate did since its step began: a step is a routing table, and serving counts by it. */
async function observe({ serving }: ReleaseDeps, release: Release): Promise<CanaryObservation> {
  const all = await serving.statistics({ endpoint: release.endpoint, environment: PRODUCTION });
  const candidate = all.find((row) => row.deploymentId === release.productionDeploymentId);
  return candidate?.sinceRouting ?? { requests: 0, errors: 0, nonFiniteOutputs: 0, p99Ms: Number.NaN };
}

function isLast(spec: CanarySpec, step: number): boolean {
  return step >= spec.steps.length - 1 && spec.steps[step]?.minRequests === 0;
}

function stableEntry(routing: RoutingTable | null) {
  return routing?.entries.reduce((a, b) => (b.weight > a.weight ? b : a));
}

function otherEntry(routing: RoutingTable | null, candidate: string | null): string | undefined {
  return routing?.entries.find((entry) => entry.deploymentId !== candidate)?.deploymentId;
}
