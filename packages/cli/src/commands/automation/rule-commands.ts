import type { ActionRunView, RuleView } from '@fairlead/contracts';
import { formatDuration } from '@fairlead/kernel';
import type { Command } from 'commander';
import { defineCommand, defineGroup } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseWhole } from '../../parse-values.js';
import { brief, formatWhen } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';

const STATES = ['running', 'succeeded', 'failed', 'suppressed', 'dry-run'] as const;

/** `fairlead rule …` */
export function ruleGroup(io: Io): Command {
  return defineGroup('rule', 'Automation rules: events that start guarded actions', [
    listCommand(io),
    runsCommand(io),
    rehearseCommand(io),
  ]);
}

function listCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'list',
    summary: 'List the automation rules',
    examples: ['fairlead rule list'],
    run: async (session) => {
      const { items } = await session.client.rules.list();
      session.show({ items }, () =>
        printTable(
          ['rule', 'on', 'where', 'actions', 'cool-down', 'a day>', 'state'],
          items.map(({ name, spec }) => [
            name,
            spec.on,
            Object.entries(spec.where ?? {})
              .map(([path, value]) => `${path}=${value}`)
              .join(' '),
            spec.actions.map(describeAction).join(', '),
            formatDuration(spec.coolDownMs),
            String(spec.maxPerDay),
            stateOf(spec),
          ]),
        ),
      );
    },
  });
}

function stateOf({ enabled, dryRun }: RuleView['spec']): string {
  if (!enabled) return 'off';
  return dryRun ? 'dry run' : 'on';
}

function describeAction(action: ActionRunView['action']): string {
  if (action.kind === 'retrain') return `retrain ${action.pipeline}`;
  if (action.kind === 'roll-back') return `roll back ${action.endpoint}`;
  return `notify ${brief(action.url, 40)}`;
}

function runsTable(runs: readonly ActionRunView[], nowMs: number): string {
  return printTable(
    ['rule', 'action', 'state', 'event>', 'type', 'detail', 'result', 'when'],
    runs.map((run) => [
      run.rule,
      describeAction(run.action),
      run.state,
      String(run.eventSeq),
      run.eventType,
      brief(run.detail, 80),
      run.result === null ? '' : `${run.result.kind} ${run.result.id}`,
      formatWhen(run.startedAtMs, nowMs),
    ]),
  );
}

interface RunsOptions {
  readonly rule?: string;
  readonly state?: string;
  readonly limit?: string;
}

function runsCommand(io: Io): Command {
  return defineCommand<RunsOptions>(io, {
    name: 'runs',
    summary: 'List what the rules did or held back, newest first',
    options: {
      '--rule <name>': 'only of this rule',
      '--state <state>': STATES.join(', '),
      '--limit <n>': 'actions to show (default 20)',
    },
    examples: ['fairlead rule runs --state suppressed'],
    run: async (session, { rule, state, limit = '20' }) => {
      const { items } = await session.client.rules.runs({
        ...(rule !== undefined && { rule }),
        ...(state !== undefined && { state: parseChoice(state, '--state', STATES) }),
        limit: parseWhole(limit, '--limit'),
      });
      session.show({ items }, () => (items.length === 0 ? 'no rule has acted' : runsTable(items, io.nowMs())));
    },
  });
}

function rehearseCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'rehearse',
    summary: 'Show what a rule would have done for an event of the past, without doing it',
    arguments: { '<rule>': 'name of the rule', '<event>': 'number of the event in the audit log' },
    examples: ['fairlead audit list --type monitoring.alert-opened', 'fairlead rule rehearse retrain-on-drift 42'],
    run: async (session, _, rule = '', event = '') => {
      const { items } = await session.client.rules.rehearse(rule, parseWhole(event, 'the event'));
      session.show({ items }, () => (items.length === 0 ? `${rule} would not act` : runsTable(items, io.nowMs())));
    },
  });
}
