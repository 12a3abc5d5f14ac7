import { formatDuration, isName, type RecordedEvent } from '@fairlead/kernel';
import type { ActionSpec, RuleSpec } from './automation-types.js';

export const DAY_MS = 86_400_000;

/** Decisions are themselves recorded: a rule that listened to them would never come to rest. */
const DEAF_TO = 'automation.action-decided';

/** What an action acts on; guards count per target. */
export function targetOf(action: ActionSpec): string {
  switch (action.kind) {
    case 'notify':
      return action.url;
    case 'retrain':
      return action.pipeline;
    case 'roll-back':
      return action.endpoint;
  }
}

/** "retrain: run the pipeline 'rain'" */
export function describeAction(action: ActionSpec): string {
  switch (action.kind) {
    case 'notify':
      return `post a ${action.secretEnv === undefined ? '' : 'signed '}webhook to ${action.url}`;
    case 'retrain':
      return `run the pipeline '${action.pipeline}'`;
    case 'roll-back':
      return `roll the endpoint '${action.endpoint}' back to the version before`;
  }
}

export type Match = { readonly matches: true } | { readonly matches: false; readonly reason: string };

/** Whether an event is one the rule speaks of. */
export function matchEvent(spec: Pick<RuleSpec, 'on' | 'where'>, event: RecordedEvent): Match {
  if (event.type !== spec.on)
    return { matches: false, reason: `the event is ${event.type}, the rule asks for ${spec.on}` };
  for (const [path, wanted] of Object.entries(spec.where ?? {})) {
    const found = valueAt(event, path);
    if (found !== wanted) {
      const shown = found === undefined ? 'absent' : JSON.stringify(found);
      return { matches: false, reason: `${path} is ${shown}, the rule asks for ${JSON.stringify(wanted)}` };
    }
  }
  return { matches: true };
}

function valueAt(event: RecordedEvent, path: string): unknown {
  let value: unknown = event;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** What is known of a rule's earlier actions on one target when it has to decide. */
export interface ActionHistory {
  /** Start of the last one that was carried out (or, for a dry run, would have been). */
  readonly lastStartedAtMs: number | null;
  /** How many started within the 24 hours before. */
  readonly startedLastDay: number;
  /** The action run, of any rule, that is changing the same target now. */
  readonly busyWith: string | null;
}

export interface Occasion {
  readonly rule: { readonly name: string; readonly spec: RuleSpec };
  readonly action: ActionSpec;
  readonly event: RecordedEvent;
  readonly history: ActionHistory;
  readonly nowMs: number;
}

export interface Decision {
  readonly state: 'running' | 'suppressed' | 'dry-run';
  readonly detail: string;
}

/** Decides on one action of a rule whose event has come. The first reason to hold back is the one that is told. */
export function decideAction(occasion: Occasion): Decision {
  const { rule, action } = occasion;
  const reason = reasonToHoldBack(occasion);
  if (reason !== null) return { state: 'suppressed', detail: `would ${describeAction(action)}, held back: ${reason}` };
  if (rule.spec.dryRun) return { state: 'dry-run', detail: `would ${describeAction(action)}; the rule is a dry run` };
  return { state: 'running', detail: describeAction(action) };
}

function reasonToHoldBack({ rule, action, event, history, nowMs }: Occasion): string | null {
  const { spec } = rule;
  if (!spec.enabled) return 'the rule is disabled';
  if (isCausedBy(rule.name, event)) return 'the event was caused by this rule itself';
  if (action.kind !== 'notify' && history.busyWith !== null) {
    return `action run ${history.busyWith} on '${targetOf(action)}' is not finished`;
  }
  const { lastStartedAtMs } = history;
  if (lastStartedAtMs !== null && nowMs < lastStartedAtMs + spec.coolDownMs) {
    return `the last one was ${formatDuration(nowMs - lastStartedAtMs)} ago, the cool-down is ${formatDuration(spec.coolDownMs)}`;
  }
  if (history.startedLastDay >= spec.maxPerDay) {
    return `it acted ${history.startedLastDay} times within 24 hours, the limit is ${spec.maxPerDay}`;
  }
  return null;
}

/** What a rule sets in motion must not set it off again. */
function isCausedBy(rule: string, event: RecordedEvent): boolean {
  if (event.actor.kind === 'automation' && event.actor.id === rule) return true;
  return event.type.startsWith('automation.') && (event.payload as { rule?: unknown } | null)?.rule === rule;
}

/** What is wrong with a rule, in words; empty when it can work. */
export function checkRule(name: string, spec: RuleSpec): string[] {
  const problems: string[] = [];
  if (!isName(name)) problems.push(`'${name}' is no name: 1 to 100 letters, digits, dots, dashes and underscores`);
  if (!/^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/.test(spec.on)) {
    problems.push(`'${spec.on}' is no type of event: write it as room.what-happened`);
  }
  if (spec.on === DEAF_TO) problems.push(`no rule may listen to ${DEAF_TO}: it would set itself off`);
  if (spec.actions.length === 0) problems.push('a rule needs at least one action');
  for (const path of Object.keys(spec.where ?? {})) {
    if (path.split('.').some((key) => key === '')) problems.push(`'${path}' is no path into an event`);
  }
  if (!(spec.coolDownMs >= 0)) problems.push('the cool-down must not be negative');
  if (!(Number.isInteger(spec.maxPerDay) && spec.maxPerDay >= 1)) problems.push('maxPerDay must be 1 or more');
  for (const action of spec.actions) problems.push(...checkAction(action));
  return problems;
}

function checkAction(action: ActionSpec): string[] {
  if (action.kind === 'notify') {
    const problems = isWebUrl(action.url) ? [] : [`'${action.url}' is no http(s) address without a name and password`];
    if (action.secretEnv !== undefined && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(action.secretEnv)) {
      problems.push(`'${action.secretEnv}' is no name of an environment variable`);
    }
    return problems;
  }
  return isName(targetOf(action)) ? [] : [`'${targetOf(action)}' is no name`];
}

function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
