import { messageOf } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';
import type { JobOutcome, RunningJob } from '../../platform/jobs/index.js';
import type { ModelVersion } from '../registry/index.js';
import type { Deployment } from '../serving/index.js';
import { describeMissing, missingSignatures } from './approval-rules.js';
import { gateReport } from './gates/gate-report.js';
import { openGateRoom } from './gates/gate-room.js';
import { gatesPass, gateTypeOf, isLast, runGates } from './gates/run-gates.js';
import { type ReleaseDeps, type ReleaseParts, TEST, TEST_ATTEMPTS } from './release-deps.js';
import { gatesDecided, releaseClosed } from './release-events.js';
import { scheduleTidy } from './release-jobs.js';
import { loadPolicy, loadRelease, payloadOf, saveRelease, subjectOf } from './release-record.js';
import type { GateResult, GateSpec, Release } from './release-types.js';

/** Deploys the version to `test`, runs the gates against it and stores the gate report. Repeating it is harmless. */
export async function runTestJob(deps: ReleaseParts, context: ChangeContext, job: RunningJob): Promise<JobOutcome> {
  const { releaseId } = job.payload as { releaseId: string };
  const release = await loadRelease(deps, releaseId);
  if (release.state !== 'testing') return {};
  try {
    return await decide(deps, { context, job, release });
  } catch (error) {
    // A stopping server gives the job back; whoever asked for it to be cancelled wants no verdict.
    if (job.signal.aborted) throw error;
    // A fault of the system is tried again by the queue; a user's fault will not mend itself.
    const mayMend = (error as { fault?: string }).fault !== 'user' && job.attempt < TEST_ATTEMPTS;
    if (mayMend) throw error;
    return { commit: (tx) => failRelease(deps, tx, { release, reason: messageOf(error) }) };
  }
}

async function decide(
  deps: ReleaseParts,
  { context, job, release }: { context: ChangeContext; job: RunningJob; release: Release },
): Promise<JobOutcome> {
  const { endpoint, environment, model } = release;
  const policy = await loadPolicy(deps, release);
  const version = await deps.registry.version(model, release.version);
  job.progress(0.1, `deploying ${model} ${version.version} to ${TEST}`);
  const deployment = await deps.inTurn(endpoint, () => deployToTest(deps, context, { release, version }));
  const room = await openGateRoom(deps, { context, version, deployment, environment, signal: job.signal });
  const gates = await runGates(room, policy.gates, async (spec, decided) => {
    job.progress(0.2 + (0.7 * decided.length) / policy.gates.length, gateTypeOf(spec));
    return !isLast(spec) || showDecided(deps, context, { release, gates: decided, next: spec });
  });
  if (gates === undefined) return {};
  const { configurationDigest } = deployment;
  const report = gateReport({ release, configurationDigest, gates, waivers: [] });
  const { digest } = await deps.objects.putBytes(new TextEncoder().encode(report));
  return {
    commit: async (tx) => {
      const tested = await stillTested(deps, tx, release);
      if (tested === undefined) return;
      const missing = missingSignatures(policy.approval, []);
      const failed = gates.filter((gate) => gate.verdict !== 'pass').map((gate) => gate.title);
      const state = !gatesPass(gates) ? 'gates-failed' : missing.length === 0 ? 'approved' : 'awaiting-approval';
      const change = {
        state,
        gates,
        gateReportDigest: digest,
        configurationDigest,
        testDeploymentId: deployment.id,
        waitingFor: state === 'awaiting-approval' ? describeMissing(missing) : null,
        endedBecause: state === 'gates-failed' ? `gates not passed: ${failed.join(', ')}` : null,
      } as const;
      const next = await saveRelease(deps, tx, { release: tested, change });
      if (state === 'approved') await approve(deps, tx, next);
      const payload = { ...payloadOf(next), gateReportDigest: digest, failed };
      tx.record(gatesDecided.of(subjectOf(next), payload, { before: release.state, after: { state, gates } }));
      await scheduleTidy(deps, tx, endpoint);
    },
  };
}

/** As it is now; undefined: superseded while its gates ran, so that nobody waits for their verdicts any more. */
async function stillTested(deps: ReleaseDeps, tx: Transaction, { id }: Release): Promise<Release | undefined> {
  const now = await loadRelease({ db: tx, store: deps.store }, id);
  return now.state === 'testing' ? now : undefined;
}

/** Shows what is decided so far while a gate waits; false: nobody waits for the release any more. */
async function showDecided(
  deps: ReleaseDeps,
  context: ChangeContext,
  { release, gates, next }: { release: Release; gates: readonly GateResult[]; next: GateSpec },
): Promise<boolean> {
  return deps.db.transact(context, async (tx) => {
    const tested = await stillTested(deps, tx, release);
    if (tested === undefined) return false;
    await saveRelease(deps, tx, { release: tested, change: { gates, waitingFor: `the gate ${gateTypeOf(next)}` } });
    return true;
  });
}

async function deployToTest(
  { serving }: ReleaseDeps,
  context: ChangeContext,
  { release, version }: { release: Release; version: ModelVersion },
): Promise<Deployment> {
  const { endpoint, id } = release;
  const deployment = await serving.deploy(context, { endpoint, environment: TEST, version });
  await serving.route(context, {
    ...{ endpoint, environment: TEST, reason: `release ${id} under test` },
    entries: [{ deploymentId: deployment.id, weight: 1 }],
  });
  return deployment;
}

type Transaction = Parameters<NonNullable<JobOutcome['commit']>>[0];

/** Remembers that exactly these bytes may serve this endpoint. */
export async function approve({ store, clock }: ReleaseDeps, tx: Transaction, release: Release): Promise<void> {
  const { endpoint, modelDigest, id } = release;
  await store.addApproval(tx, { endpoint, modelDigest, releaseId: id, approvedAtMs: clock.nowMs() });
}

/** Ends a release whose gates could not be decided. */
export async function failRelease(
  deps: ReleaseDeps,
  tx: Transaction,
  { release, reason }: { release: Release; reason: string },
): Promise<void> {
  const tested = await stillTested(deps, tx, release);
  if (tested === undefined) return;
  const next = await saveRelease(deps, tx, {
    release: tested,
    change: { state: 'failed', waitingFor: null, endedBecause: reason },
  });
  tx.record(
    releaseClosed.of(subjectOf(next), { ...payloadOf(next), reason }, { before: release.state, after: next.state }),
  );
}
