import { type Reader, rawQuery } from '../../platform/db/index.js';
import { DAY_MS, targetOf } from './automation-rules.js';
import type { AutomationStore, HistoryQuery } from './automation-store.js';
import type { ActionRun, ActionSpec, ActionState, Rule, RuleSpec } from './automation-types.js';

interface Tables {
  automation_rule: {
    name: string;
    event_type: string;
    spec: string;
    active_since_ms: number;
    updated_at_ms: number;
  };
  automation_action_run: ActionRow;
}

interface ActionRow {
  id: string;
  rule: string;
  action_index: number;
  action_kind: string;
  target: string;
  action: string;
  state: string;
  detail: string;
  event_seq: number;
  event_type: string;
  job_id: string | null;
  result_kind: string | null;
  result_id: string | null;
  started_at_ms: number;
  ended_at_ms: number | null;
}

export const sqlAutomationStore: AutomationStore = {
  rules: async (reader, filter) => {
    if (filter !== undefined) return (await rawQuery<RuleRow>(reader, RULES_ON, [filter.on])).map(toRule);
    const query = reader.sql<Tables>().selectFrom('automation_rule').selectAll();
    return (await query.orderBy('name').execute()).map(toRule);
  },
  rule: async (reader, name) => {
    const query = reader.sql<Tables>().selectFrom('automation_rule').selectAll().where('name', '=', name);
    const row = await query.executeTakeFirst();
    return row && toRule(row);
  },
  saveRule: async (tx, { name, spec, activeSinceMs, updatedAtMs }) => {
    const row = {
      event_type: spec.on,
      spec: JSON.stringify(spec),
      active_since_ms: activeSinceMs,
      updated_at_ms: updatedAtMs,
    };
    await tx
      .sql<Tables>()
      .insertInto('automation_rule')
      .values({ name, ...row })
      .onConflict((c) => c.column('name').doUpdateSet(row))
      .execute();
  },

  history: async (reader, query) => {
    const carriedOut = carriedOutBefore(reader, query);
    const last = await carriedOut.select('started_at_ms').orderBy('started_at_ms', 'desc').limit(1).executeTakeFirst();
    const { started } = await carriedOut
      .where('started_at_ms', '>', query.nowMs - DAY_MS)
      .select((eb) => eb.fn.countAll<number>().as('started'))
      .executeTakeFirstOrThrow();
    const busy = await onTarget(reader, query.action).select('id').where('state', '=', 'running').executeTakeFirst();
    return {
      lastStartedAtMs: last?.started_at_ms ?? null,
      startedLastDay: Number(started),
      busyWith: busy?.id ?? null,
    };
  },
  insertRun: async (tx, run) => {
    await tx
      .sql<Tables>()
      .insertInto('automation_action_run')
      .values({
        id: run.id,
        rule: run.rule,
        action_index: run.index,
        action_kind: run.action.kind,
        target: targetOf(run.action),
        action: JSON.stringify(run.action),
        state: run.state,
        detail: run.detail,
        event_seq: run.eventSeq,
        event_type: run.eventType,
        job_id: run.jobId,
        result_kind: run.result?.kind ?? null,
        result_id: run.result?.id ?? null,
        started_at_ms: run.startedAtMs,
        ended_at_ms: run.endedAtMs,
      })
      .execute();
  },
  run: async (reader, id) => {
    const row = await runQuery(reader).where('id', '=', id).executeTakeFirst();
    return row && toRun(row);
  },
  runOfJob: async (reader, jobId) => {
    const row = await runQuery(reader).where('job_id', '=', jobId).executeTakeFirst();
    return row && toRun(row);
  },
  runs: async (reader, { rule, state, limit }) => {
    let query = runQuery(reader);
    if (rule !== undefined) query = query.where('rule', '=', rule);
    if (state !== undefined) query = query.where('state', '=', state);
    const ordered = query.orderBy('started_at_ms', 'desc').orderBy('event_seq', 'desc').orderBy('action_index', 'desc');
    return (await ordered.limit(limit).execute()).map(toRun);
  },
  endRun: async (tx, { id, state, detail, result, endedAtMs }) => {
    const { numUpdatedRows } = await tx
      .sql<Tables>()
      .updateTable('automation_action_run')
      .set({
        state,
        detail,
        result_kind: result?.kind ?? null,
        result_id: result?.id ?? null,
        ended_at_ms: endedAtMs,
      })
      .where('id', '=', id)
      .where('state', '=', 'running')
      .executeTakeFirst();
    return Number(numUpdatedRows) === 1;
  },
};

const runQuery = (reader: Reader) => reader.sql<Tables>().selectFrom('automation_action_run').selectAll();

function onTarget(reader: Reader, action: ActionSpec) {
  return reader
    .sql<Tables>()
    .selectFrom('automation_action_run')
    .where('action_kind', '=', action.kind)
    .where('target', '=', targetOf(action));
}

/** What the rule did on this target, held back actions left out: a failed attempt counts, since it may have had effects. */
function carriedOutBefore(reader: Reader, { rule, action, dryRun, nowMs, beforeEventSeq }: HistoryQuery) {
  const states = dryRun ? ['dry-run'] : ['running', 'succeeded', 'failed'];
  const query = onTarget(reader, action)
    .where('rule', '=', rule)
    .where('state', 'in', states)
    .where('started_at_ms', '<=', nowMs);
  return beforeEventSeq === undefined ? query : query.where('event_seq', '<', beforeEventSeq);
}

type RuleRow = Tables['automation_rule'];

/** Asked for every event of the ledger. */
const RULES_ON = `select name, event_type, spec, active_since_ms, updated_at_ms from automation_rule
  where event_type = ? order by name`;

function toRule(row: RuleRow): Rule {
  return {
    name: row.name,
    spec: JSON.parse(row.spec) as RuleSpec,
    activeSinceMs: row.active_since_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

function toRun(row: ActionRow): ActionRun {
  return {
    id: row.id,
    rule: row.rule,
    action: JSON.parse(row.action) as ActionSpec,
    state: row.state as ActionState,
    detail: row.detail,
    eventSeq: row.event_seq,
    eventType: row.event_type,
    result: row.result_kind === null || row.result_id === null ? null : { kind: row.result_kind, id: row.result_id },
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
  };
}
