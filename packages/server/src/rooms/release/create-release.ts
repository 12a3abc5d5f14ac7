import { createTurns, messageOf, sleep, systemActor, throwIfAborted } from '@fairlead/kernel';
import { createEnvironmentService } from './environments/environment-service.js';
import { mayServe } from './may-serve.js';
import { planRelease } from './plan-release.js';
import { createPolicyService } from './policy-service.js';
import { ADVANCE_JOB, PRODUCTION, type ReleaseDeps, type ReleaseParts, TEST_JOB, TIDY_JOB } from './release-deps.js';
import { scheduleAdvance, scheduleTidy } from './release-jobs.js';
import { isConflict, loadRelease } from './release-record.js';
import { sqlReleaseStore } from './release-store.sql.js';
import type { Release, ReleaseService } from './release-types.js';
import { requestRelease } from './request-service.js';
import { restoreReleases } from './restore-releases.js';
import { rollBackEndpoint } from './roll-back-service.js';
import { createArmLogReader } from './rollout/observe-arms.js';
import { pauseRollout, resumeRollout } from './rollout/pause-service.js';
import { advanceRollout, note } from './rollout/rollout-service.js';
import { startRollout } from './rollout/start-rollout.js';
import { signRelease } from './sign-service.js';
import { runTestJob } from './test-job.js';
import { tidyDeployments } from './tidy-deployments.js';
import { waiveGate } from './waive-service.js';
import { withdrawEndpoint } from './withdraw-service.js';

const POLL_MS = 50;
const machine = { actor: systemActor };

export function createRelease(given: Omit<ReleaseDeps, 'store'>): ReleaseService {
  const deps: ReleaseParts = {
    ...given,
    store: sqlReleaseStore,
    inTurn: createTurns(),
    armLogs: createArmLogReader(given),
  };
  const { db, store, inTurn } = deps;
  handleJobs(deps);
  const turnOf = async <T>(id: string, work: () => Promise<T>) => inTurn((await loadRelease(deps, id)).endpoint, work);
  return {
    ...createEnvironmentService(deps),
    ...createPolicyService(deps),
    plan: (subject) => planRelease(deps, subject),
    request: (context, request) => requestRelease(deps, context, request),
    release: (id) => loadRelease(deps, id),
    releases: ({ state, ...filter }) =>
      store.releases(db, { ...filter, ...(state !== undefined && { states: [state] }) }),
    sign: (context, id, signature) => signRelease(deps, context, { id, ...signature }),
    waive: (context, id, waiver) => turnOf(id, () => waiveGate(deps, context, { id, ...waiver })),
    rollOut: (context, id, options = {}) => turnOf(id, () => startRollout(deps, context, { id, ...options })),
    advance: (context, id, { force = false } = {}) => turnOf(id, () => advanceRollout(deps, context, { id, force })),
    pause: (context, id, request) => turnOf(id, () => pauseRollout(deps, context, { id, ...request })),
    resume: (context, id) => turnOf(id, () => resumeRollout(deps, context, { id })),
    rollBack: (context, endpoint, request) =>
      inTurn(endpoint, () => rollBackEndpoint(deps, context, { endpoint, environment: PRODUCTION, ...request })),
    withdraw: (context, endpoint, request) =>
      inTurn(endpoint, () => withdrawEndpoint(deps, context, { endpoint, ...request })),
    waitFor: async (id, states, { timeoutMs, signal }) => {
      const untilMs = deps.preciseNowMs() + timeoutMs;
      for (;;) {
        throwIfAborted(signal);
        const release = await loadRelease(deps, id);
        if (states.includes(release.state) || deps.preciseNowMs() >= untilMs) return release;
        await sleep(POLL_MS, signal);
      }
    },
    mayServe: (subject) => mayServe(deps, subject),
    restore: () => restoreReleases(deps, machine),
  };
}

function handleJobs(deps: ReleaseParts): void {
  deps.jobs.handle(TEST_JOB, (job) => runTestJob(deps, machine, job), { concurrency: 1 });
  deps.jobs.handle(ADVANCE_JOB, async (job) => {
    const { releaseId } = job.payload as { releaseId: string };
    const release = await loadRelease(deps, releaseId);
    if (release.state !== 'rolling-out') return {};
    const next = await deps.inTurn(release.endpoint, () => lookOnce(deps, releaseId));
    // The watch ends with the rollout and for no other reason.
    if (next.state !== 'rolling-out') return {};
    return { commit: (tx) => scheduleAdvance(deps, tx, { releaseId, after: job.id }) };
  });
  deps.jobs.handle(TIDY_JOB, async (job) => {
    const { endpoint } = job.payload as { endpoint: string };
    const againAtMs = await deps.inTurn(endpoint, () => tidyDeployments(deps, machine, endpoint));
    return againAtMs === null ? {} : { commit: (tx) => scheduleTidy(deps, tx, endpoint, againAtMs) };
  });
}

/** One look at the guardrails. What goes wrong is written where people look, and the next look is made all the same. */
async function lookOnce(deps: ReleaseParts, id: string): Promise<Release> {
  const release = await loadRelease(deps, id);
  if (release.state !== 'rolling-out' || release.rollout === null) return release;
  const { rollout } = release;
  try {
    return await advanceRollout(deps, machine, { id, force: false });
  } catch (error) {
    if (isConflict(error)) return loadRelease(deps, id);
    const trouble = `the guardrails could not be judged: ${messageOf(error)}`;
    return note(deps, machine, { release, rollout: { ...rollout, note: trouble } });
  }
}
