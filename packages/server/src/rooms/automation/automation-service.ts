import { canonicalJson } from '@fairlead/kernel';
import { type ChangeContext, type Reader, readLedger } from '../../platform/db/index.js';
import type { AutomationDeps } from './automation-deps.js';
import { automationErrors } from './automation-errors.js';
import { ruleDeclared } from './automation-events.js';
import { checkRule, decideAction, describeAction, matchEvent } from './automation-rules.js';
import type { ActionRun, ActionSpec, AutomationService, Rule, RuleSpec } from './automation-types.js';

type ServiceDeps = Pick<AutomationDeps, 'db' | 'store' | 'clock'>;

export function createAutomationService(deps: ServiceDeps): AutomationService {
  const { db, store } = deps;
  return {
    declare: (context, name, spec) => declareRule(deps, context, { name, spec }),
    rules: () => store.rules(db),
    rule: (name) => loadRule(deps, name),
    runs: (filter) => store.runs(db, filter),
    run: async (id) => {
      const found = await store.run(db, id);
      if (found !== undefined) return found;
      throw automationErrors.AUTO_ACTION_RUN_NOT_FOUND(`There is no action run '${id}'.`, { data: { id } });
    },
    rehearse: (name, eventSeq) => rehearse(deps, name, eventSeq),
  };
}

async function loadRule({ db, store }: ServiceDeps, name: string): Promise<Rule> {
  const found = await store.rule(db, name);
  if (found !== undefined) return found;
  throw automationErrors.AUTO_RULE_NOT_FOUND(`There is no rule '${name}'.`, { data: { name } });
}

async function declareRule(
  { db, store, clock }: ServiceDeps,
  context: ChangeContext,
  { name, spec }: { name: string; spec: RuleSpec },
): Promise<{ rule: Rule; changed: boolean }> {
  const problems = checkRule(name, spec);
  if (problems.length > 0) {
    throw automationErrors.AUTO_RULE_INVALID(`The rule '${name}': ${problems.join('; ')}.`, { data: { problems } });
  }
  return db.transact(context, async (tx) => {
    const before = await store.rule(tx, name);
    if (before !== undefined && canonicalJson(before.spec) === canonicalJson(spec)) {
      return { rule: before, changed: false };
    }
    const nowMs = clock.nowMs();
    const listenedBefore = before?.spec.enabled === spec.enabled && before.spec.on === spec.on;
    const rule: Rule = { name, spec, activeSinceMs: listenedBefore ? before.activeSinceMs : nowMs, updatedAtMs: nowMs };
    await store.saveRule(tx, rule);
    const payload = { rule: name, on: spec.on, enabled: spec.enabled, dryRun: spec.dryRun };
    tx.record(ruleDeclared.of({ kind: 'rule', id: name }, payload, { before: before?.spec, after: spec }));
    return { rule, changed: true };
  });
}

/** The event with this number. Throws AUTO_EVENT_NOT_FOUND. */
export async function loadEvent(db: Reader, seq: number) {
  const [event] = await readLedger(db, { afterSeq: seq - 1, limit: 1 });
  if (event?.seq === seq) return event;
  throw automationErrors.AUTO_EVENT_NOT_FOUND(`The ledger has no event number ${seq}.`, { data: { eventSeq: seq } });
}

/** Decides as if the rule had stood, enabled and no dry run, when the event happened. Nothing is written. */
async function rehearse(deps: ServiceDeps, name: string, eventSeq: number): Promise<ActionRun[]> {
  const { db, store } = deps;
  const { spec } = await loadRule(deps, name);
  const event = await loadEvent(db, eventSeq);
  const match = matchEvent(spec, event);
  const nowMs = event.atMs;
  const decide = async (action: ActionSpec): Promise<Pick<ActionRun, 'state' | 'detail'>> => {
    if (!match.matches) return { state: 'suppressed', detail: `the rule is not concerned: ${match.reason}` };
    const query = { rule: name, action, dryRun: spec.dryRun, nowMs, beforeEventSeq: eventSeq };
    // What was under way at that moment is no longer known.
    const history = { ...(await store.history(db, query)), busyWith: null };
    const rule = { name, spec: { ...spec, enabled: true, dryRun: false } };
    const decision = decideAction({ rule, action, event, history, nowMs });
    return decision.state === 'running' ? { state: 'dry-run', detail: `would ${describeAction(action)}` } : decision;
  };
  return Promise.all(
    spec.actions.map(async (action, index) => ({
      id: `rehearsal-${eventSeq}-${index}`,
      rule: name,
      action,
      ...(await decide(action)),
      eventSeq,
      eventType: event.type,
      result: null,
      startedAtMs: nowMs,
      endedAtMs: nowMs,
    })),
  );
}
