import { describeMissing, missingSignatures } from './approval-rules.js';
import { digestOf, gateReport, sha256 } from './gates/gate-report.js';
import type { ReleaseDeps } from './release-deps.js';
import { releaseErrors } from './release-errors.js';
import { gateWaived, waiverRefused } from './release-events.js';
import { loadPolicy, loadRelease, payloadOf, requireState, saveRelease, subjectOf } from './release-record.js';
import type { Release, ReleaseService } from './release-types.js';
import { approve } from './test-job.js';
import { gatesInTheWay, judgeWaiver, type Waiver } from './waiver-rules.js';

type Context = Parameters<ReleaseService['waive']>[0];

/**
 * Lets a release go on although a gate did not pass. The waiver becomes part of the gate report, so that whoever signs signs for
 * it as well. A refused attempt is written to the ledger before the error is thrown.
 */
export async function waiveGate(
  deps: ReleaseDeps,
  context: Context,
  request: { id: string } & Parameters<ReleaseService['waive']>[2],
): Promise<Release> {
  const { db, clock } = deps;
  const { id, role, reason } = request;
  const release = await loadRelease(deps, id);
  requireState(release, ['gates-failed'], 'waived');
  const policy = await requireCurrent(deps, release);
  const version = await deps.registry.version(release.model, release.version);
  const { gates, waivers = [] } = release;
  const nowMs = clock.nowMs();
  const verdict = judgeWaiver({
    ...request,
    ...{ actor: context.actor, nowMs, gates, waivers, policy: policy.waivers },
    authors: [release.requestedBy, version.createdBy],
  });
  if (!verdict.ok) {
    const { code, message } = verdict;
    const payload = { ...payloadOf(release), person: context.actor.id, role, gate: request.gate, code };
    await db.transact(context, async (tx) =>
      tx.record(waiverRefused.of(subjectOf(release), payload, { outcome: 'denied' })),
    );
    throw releaseErrors[code](message, { data: { id, role, gate: request.gate, person: context.actor.id } });
  }
  const configurationDigest = release.configurationDigest ?? '';
  const asGatesLeftIt = sha256(gateReport({ release, configurationDigest, gates, waivers: [] }));
  const { modelDigest, policyDigest } = release;
  const waiver: Waiver = {
    gate: verdict.gate,
    kind: gates[verdict.gate]?.kind ?? 'guardrail',
    ...{ person: context.actor.id, role, reason, atMs: nowMs, expiresAtMs: request.expiresAtMs },
    over: digestOf({ modelDigest, policyDigest, gateReportDigest: asGatesLeftIt, gate: verdict.gate }),
  };
  const all = [...waivers, waiver];
  const report = gateReport({ release, configurationDigest, gates, waivers: all });
  const { digest } = await deps.objects.putBytes(new TextEncoder().encode(report));
  const left = gatesInTheWay(gates, all);
  const missing = missingSignatures(policy.approval, []);
  const state = left.length > 0 ? 'gates-failed' : missing.length > 0 ? 'awaiting-approval' : 'approved';
  return db.transact(context, async (tx) => {
    await refuseOvertaken({ ...deps, db: tx }, release);
    const next = await saveRelease(deps, tx, {
      release,
      change: {
        ...{ state, waivers: all, gateReportDigest: digest },
        waitingFor: state === 'awaiting-approval' ? describeMissing(missing) : null,
        endedBecause: left.length > 0 ? `gates not passed: ${left.map(({ title }) => title).join(', ')}` : null,
      },
    });
    if (state === 'approved') await approve(deps, tx, next);
    const { kind: gate, person, expiresAtMs, over } = waiver;
    const payload = { ...payloadOf(next), gate, person, role, reason, expiresAtMs, over };
    tx.record(gateWaived.of(subjectOf(next), payload, { before: release.state, after: { state, waiver } }));
    return next;
  });
}

/** The policy that the gates were of. Under another one they meant something else. */
async function requireCurrent(deps: ReleaseDeps, release: Release) {
  const policy = await loadPolicy(deps, release);
  if (policy.digest === release.policyDigest) return policy;
  throw releaseErrors.REL_WRONG_STATE(
    `The policy of '${release.endpoint}' changed since the gates of ${release.id} ran.`,
    {
      data: { id: release.id, policyDigest: release.policyDigest, now: policy.digest },
    },
  );
}

/** A release that failed its gates gives way to whatever was asked for since. */
async function refuseOvertaken(
  { db, store }: { db: Parameters<ReleaseDeps['store']['releases']>[0]; store: ReleaseDeps['store'] },
  { id, endpoint, environment }: Release,
): Promise<void> {
  const [newest] = await store.releases(db, { endpoint, environment, limit: 1 });
  if (newest === undefined || newest.id === id) return;
  throw releaseErrors.REL_WRONG_STATE(`A newer release of '${endpoint}' was requested: ${newest.id}.`, {
    data: { id, newer: newest.id },
  });
}
