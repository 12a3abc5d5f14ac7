import { newId, type RecordedEvent } from '@fairlead/kernel';
import type { EventConsumer, Reader, Tx } from '../../platform/db/index.js';
import { jobCancelled, jobFailed } from '../../platform/jobs/index.js';
import { finishAction, payloadOf, subjectOf } from './action-record.js';
import { ACT_ATTEMPTS, ACT_JOB, type AutomationDeps } from './automation-deps.js';
import { actionDecided } from './automation-events.js';
import { decideAction, matchEvent } from './automation-rules.js';
import type { ActionRun, ActionSpec, Rule } from './automation-types.js';

type ConsumerDeps = Pick<AutomationDeps, 'store' | 'clock' | 'jobs'>;

/**
 * Meets every event once: decision, action run, job and the consumer's place in the ledger commit together, so a killed
 * process neither forgets an action nor decides on it twice.
 */
export function createAutomationConsumer(deps: ConsumerDeps): EventConsumer {
  return {
    name: 'automation',
    // All types: a rule may listen to any, and one declared later must not find its event skipped.
    types: [],
    interest: async (reader) => {
      const listened = new Set((await deps.store.rules(reader)).map(({ spec }) => spec.on));
      return (event) => listened.has(event.type) || jobFailed.is(event) || jobCancelled.is(event);
    },
    handle: async (event, tx) => {
      if (jobFailed.is(event) && event.payload.kind === ACT_JOB) {
        await endLostAction(deps, tx, { event, detail: event.payload.error.message });
      }
      if (jobCancelled.is(event) && event.payload.kind === ACT_JOB) {
        await endLostAction(deps, tx, { event, detail: 'its job was cancelled' });
      }
      for (const rule of await deps.store.rules(tx, { on: event.type })) {
        if (event.atMs < rule.activeSinceMs || !matchEvent(rule.spec, event).matches) continue;
        for (const [index, action] of rule.spec.actions.entries())
          await decide(deps, tx, { rule, action, index, event });
      }
    },
  };
}

async function decide(
  { store, clock, jobs }: ConsumerDeps,
  tx: Tx & Reader,
  { rule, action, index, event }: { rule: Rule; action: ActionSpec; index: number; event: RecordedEvent },
): Promise<void> {
  const nowMs = clock.nowMs();
  const { name, spec } = rule;
  const history = await store.history(tx, { rule: name, action, dryRun: spec.dryRun, nowMs });
  const { state, detail } = decideAction({ rule, action, event, history, nowMs });
  const run: ActionRun = {
    id: newId(nowMs),
    rule: name,
    action,
    state,
    detail,
    eventSeq: event.seq,
    eventType: event.type,
    result: null,
    startedAtMs: nowMs,
    endedAtMs: state === 'running' ? null : nowMs,
  };
  const jobId =
    state === 'running'
      ? await jobs.enqueue(tx, {
          kind: ACT_JOB,
          payload: { actionRunId: run.id },
          dedupeKey: run.id,
          maxAttempts: ACT_ATTEMPTS,
          timeoutMs: action.kind === 'notify' ? 15_000 : 120_000,
        })
      : null;
  await store.insertRun(tx, { ...run, index, jobId });
  tx.record(actionDecided.of(subjectOf(run), payloadOf(run), { after: run }));
}

/** The job ended without a word from its handler: with its worker, or by somebody's hand. */
async function endLostAction(
  { store, clock }: ConsumerDeps,
  tx: Tx & Reader,
  { event, detail }: { event: RecordedEvent; detail: string },
): Promise<void> {
  const run = await store.runOfJob(tx, event.subject.id);
  if (run === undefined) return;
  await finishAction(tx, store, { run, end: { state: 'failed', detail, result: null, endedAtMs: clock.nowMs() } });
}
