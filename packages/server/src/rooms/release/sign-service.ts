import { approvalHolds, describeMissing, judgeSignature, missingSignatures } from './approval-rules.js';
import { digestOf } from './gates/gate-report.js';
import type { ReleaseDeps } from './release-deps.js';
import { releaseErrors } from './release-errors.js';
import { releaseClosed, releaseSigned, signatureRefused } from './release-events.js';
import {
  isConflict,
  loadPolicy,
  loadRelease,
  payloadOf,
  requireState,
  saveRelease,
  subjectOf,
} from './release-record.js';
import type { Release, ReleaseService, Signature } from './release-types.js';
import { approve } from './test-job.js';
import { expiredWaiver } from './waiver-rules.js';

const TRIES = 10;

/**
 * Adds a signature for or against. The caller is a named person (the route demands it). A refused attempt is written to
 * the ledger before the error is thrown. Whoever signs at the same instant as another is judged again on what that left.
 */
export async function signRelease(
  deps: ReleaseDeps,
  context: Parameters<ReleaseService['sign']>[0],
  attempt: { id: string } & Parameters<ReleaseService['sign']>[2],
): Promise<Release> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await signOnce(deps, context, attempt);
    } catch (error) {
      if (!isConflict(error) || left === 1) throw error;
    }
  }
}

async function signOnce(
  deps: ReleaseDeps,
  context: Parameters<ReleaseService['sign']>[0],
  { id, meaning, role, comment }: { id: string } & Parameters<ReleaseService['sign']>[2],
): Promise<Release> {
  const { db, clock } = deps;
  const release = await loadRelease(deps, id);
  requireState(release, ['awaiting-approval'], 'signed');
  refuseExpiredWaiver(release, clock.nowMs());
  const policy = await loadPolicy(deps, release);
  const version = await deps.registry.version(release.model, release.version);
  const authors = [release.requestedBy, version.createdBy];
  const verdict = judgeSignature({ actor: context.actor, role, release, policy: policy.approval, authors });
  if (!verdict.ok) {
    const payload = { ...payloadOf(release), person: context.actor.id, role, code: verdict.code };
    await db.transact(context, async (tx) =>
      tx.record(signatureRefused.of(subjectOf(release), payload, { outcome: 'denied' })),
    );
    throw releaseErrors[verdict.code](verdict.message, { data: { id, role, person: context.actor.id } });
  }
  const { modelDigest, policyDigest } = release;
  const over = digestOf({ modelDigest, policyDigest, gateReportDigest: release.gateReportDigest });
  const signature: Signature = { person: context.actor.id, role, meaning, comment, atMs: clock.nowMs(), over };
  const signatures = [...release.signatures, signature];
  const missing = missingSignatures(policy.approval, signatures);
  const state = meaning === 'rejected' ? 'rejected' : missing.length === 0 ? 'approved' : 'awaiting-approval';
  return db.transact(context, async (tx) => {
    const waitingFor = state === 'awaiting-approval' ? describeMissing(missing) : null;
    const endedBecause = state === 'rejected' ? `rejected by ${signature.person}: ${comment}` : null;
    const next = await saveRelease(deps, tx, { release, change: { state, signatures, waitingFor, endedBecause } });
    if (state === 'approved') await approve(deps, tx, next);
    const payload = { ...payloadOf(next), person: signature.person, role, meaning, over };
    tx.record(releaseSigned.of(subjectOf(next), payload, { before: release.state, after: { state, signature } }));
    if (state === 'rejected') {
      tx.record(releaseClosed.of(subjectOf(next), { ...payloadOf(next), reason: `rejected: ${comment}` }));
    }
    return next;
  });
}

/** @throws REL_WAIVER_EXPIRED */
function refuseExpiredWaiver({ id, waivers }: Release, nowMs: number): void {
  const waiver = expiredWaiver(waivers, nowMs);
  if (waiver === undefined) return;
  const since = new Date(waiver.expiresAtMs).toISOString();
  throw releaseErrors.REL_WAIVER_EXPIRED(
    `The waiver of the gate ${waiver.kind} by ${waiver.person} ended at ${since}.`,
    {
      data: { id, gate: waiver.kind, expiresAtMs: waiver.expiresAtMs },
    },
  );
}

/** Closes an approved release whose approval is too old to start a rollout, or that stands on a waiver that has ended. Returns the release as it then is. */
export async function expireIfOld(
  deps: ReleaseDeps,
  context: Parameters<ReleaseService['sign']>[0],
  release: Release,
): Promise<Release> {
  const { db, store, clock } = deps;
  if (release.state !== 'approved') return release;
  const policy = await loadPolicy(deps, release);
  const approvals = await store.approvals(db, release);
  const own = approvals.find((approval) => approval.releaseId === release.id);
  const waiver = expiredWaiver(release.waivers, clock.nowMs());
  const holds = own !== undefined && approvalHolds(policy.approval, own.approvedAtMs, clock.nowMs());
  if (holds && waiver === undefined) return release;
  const reason = waiver === undefined ? 'the approval is too old' : `the waiver of the gate ${waiver.kind} has ended`;
  return db.transact(context, async (tx) => {
    const change = { state: 'expired', waitingFor: null, endedBecause: reason } as const;
    const next = await saveRelease(deps, tx, { release, change });
    const payload = { ...payloadOf(next), reason };
    tx.record(releaseClosed.of(subjectOf(next), payload, { before: release.state, after: next.state }));
    return next;
  });
}
