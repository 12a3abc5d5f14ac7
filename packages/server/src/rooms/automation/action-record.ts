import type { Reader, Tx } from '../../platform/db/index.js';
import { type ActionPayload, actionFinished } from './automation-events.js';
import { targetOf } from './automation-rules.js';
import type { ActionEnd, AutomationStore } from './automation-store.js';
import type { ActionRun } from './automation-types.js';

export const subjectOf = (run: Pick<ActionRun, 'id'>) => ({ kind: 'action-run', id: run.id });

export function payloadOf(run: ActionRun): ActionPayload {
  const { id, rule, action, state, detail, eventSeq, eventType } = run;
  return { actionRunId: id, rule, action: action.kind, target: targetOf(action), state, detail, eventSeq, eventType };
}

/** Writes how a running action ended, once, with its event. */
export async function finishAction(
  tx: Tx & Reader,
  store: AutomationStore,
  { run, end }: { run: ActionRun; end: Omit<ActionEnd, 'id'> },
): Promise<void> {
  if (!(await store.endRun(tx, { id: run.id, ...end }))) return;
  const ended: ActionRun = { ...run, ...end };
  tx.record(
    actionFinished.of(
      subjectOf(run),
      { ...payloadOf(ended), result: end.result },
      { before: { state: run.state }, after: { state: end.state }, outcome: end.state === 'failed' ? 'error' : 'ok' },
    ),
  );
}
