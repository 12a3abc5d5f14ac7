import { automationActor, type RecordedEvent } from '@fairlead/kernel';
import { readLedger } from '../../platform/db/index.js';
import { rolledBack } from '../release/index.js';
import type { AutomationDeps } from './automation-deps.js';
import { automationErrors } from './automation-errors.js';
import type { ActionRun, ActionSpec } from './automation-types.js';
import { sendWebhook } from './notify/send-webhook.js';
import { webhookBody } from './notify/webhook-body.js';

export interface ActionOutcome {
  readonly state: 'succeeded' | 'suppressed';
  readonly detail: string;
  readonly result: ActionRun['result'];
}

interface Task<K extends ActionSpec['kind']> {
  readonly run: ActionRun;
  readonly action: Extract<ActionSpec, { kind: K }>;
  readonly event: RecordedEvent;
  readonly signal: AbortSignal;
}

/** Carries an action out. May run again after a crash: each kind first looks whether its effect is there already. */
export function performAction(
  deps: AutomationDeps,
  task: { run: ActionRun; event: RecordedEvent; signal: AbortSignal },
): Promise<ActionOutcome> {
  const { action } = task.run;
  switch (action.kind) {
    case 'notify':
      return notify(deps, { ...task, action });
    case 'retrain':
      return retrain(deps, { ...task, action });
    case 'roll-back':
      return rollBack(deps, { ...task, action });
  }
}

/** The receiver tells repetitions apart by `webhook-id`, the id of the action run. */
async function notify(deps: AutomationDeps, { run, action, event, signal }: Task<'notify'>): Promise<ActionOutcome> {
  const { secretEnv } = action;
  const secret = secretEnv === undefined ? undefined : deps.env[secretEnv];
  if (secretEnv !== undefined && (secret === undefined || secret === '')) {
    throw automationErrors.AUTO_SECRET_MISSING(`The environment variable ${secretEnv} is not set.`, {
      data: { secretEnv },
    });
  }
  const status = await sendWebhook({
    url: action.url,
    id: run.id,
    timestampSeconds: Math.floor(deps.clock.nowMs() / 1_000),
    body: webhookBody({ run, event, baseUrl: deps.config.publicUrl ?? deps.address() }),
    ...(secret !== undefined && { secret }),
    allowPrivate: deps.config.webhookAllowPrivate,
    signal,
  });
  return { state: 'succeeded', detail: `the receiver answered with status ${status}`, result: null };
}

async function retrain({ pipelines }: AutomationDeps, { run, action }: Task<'retrain'>): Promise<ActionOutcome> {
  const { pipeline, params } = action;
  const recent = await pipelines.runs({ pipeline, limit: 100 });
  const own = recent.find(({ trigger }) => trigger.kind === 'automation' && trigger.ref === run.id);
  const other = recent.find(
    ({ state, trigger }) => trigger.kind === 'automation' && (state === 'running' || state === 'queued'),
  );
  if (own === undefined && other !== undefined) {
    return {
      state: 'suppressed',
      detail: `held back: run ${other.id} of the pipeline '${pipeline}', started by automation, is not finished`,
      result: null,
    };
  }
  const started =
    own ??
    (await pipelines.start(
      { actor: automationActor(run.rule), requestId: run.id },
      { pipeline, trigger: { kind: 'automation', ref: run.id }, ...(params !== undefined && { params }) },
    ));
  return {
    state: 'succeeded',
    detail: `started run ${started.id} of the pipeline '${pipeline}'`,
    result: { kind: 'pipeline-run', id: started.id },
  };
}

async function rollBack(deps: AutomationDeps, { run, action, event }: Task<'roll-back'>): Promise<ActionOutcome> {
  const { endpoint } = action;
  const mark = `action run ${run.id}`;
  const done = await findRollBack(deps, event.seq, mark);
  const releaseId =
    done?.payload.releaseId ??
    (
      await deps.release.rollBack({ actor: automationActor(run.rule), requestId: run.id }, endpoint, {
        reason: `rule '${run.rule}' met ${event.type} (${mark})`,
      })
    ).id;
  return {
    state: 'succeeded',
    detail: `rolled the endpoint '${endpoint}' back; release ${releaseId} no longer serves`,
    result: { kind: 'release', id: releaseId },
  };
}

/** The rollback an earlier try of this very action run made: rolling back twice would go two versions back. */
async function findRollBack({ db }: AutomationDeps, afterSeq: number, mark: string) {
  const rollBacks = await readLedger(db, { afterSeq, limit: 1_000, types: [rolledBack.type] });
  return rollBacks.filter(rolledBack.is).find((event) => event.payload.reason.includes(mark));
}
