import type { AlertView } from '@fairlead/contracts';
import type { Command } from 'commander';
import { defineCommand, defineGroup } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseWhole } from '../../parse-values.js';
import { formatWhen } from '../../terminal/format.js';
import { printFacts, printTable } from '../../terminal/print-table.js';

const ALERT = { '<alert>': 'id of the alert' };
const STATES = ['open', 'acknowledged', 'resolved'] as const;
const EXAMPLE_ID = '0193a1b2c3d4e5f60718293a4b5c6d7e';

/** `fairlead alert …` */
export function alertGroup(io: Io): Command {
  return defineGroup('alert', 'Alerts: what monitors found', [listCommand(io), showCommand(io), ackCommand(io)]);
}

interface ListOptions {
  readonly state?: string;
  readonly endpoint?: string;
  readonly limit?: string;
}

function listCommand(io: Io): Command {
  return defineCommand<ListOptions>(io, {
    name: 'list',
    summary: 'List alerts, newest first',
    options: {
      '--state <state>': STATES.join(', '),
      '--endpoint <name>': 'only of this endpoint',
      '--limit <n>': 'alerts to show (default 20)',
    },
    examples: ['fairlead alert list --state open'],
    run: async (session, { state, endpoint, limit = '20' }) => {
      const { items } = await session.client.alerts.list({
        ...(state !== undefined && { state: parseChoice(state, '--state', STATES) }),
        ...(endpoint !== undefined && { endpoint }),
        limit: parseWhole(limit, '--limit'),
      });
      session.show({ items }, () => [
        items.length === 0 ? 'no alerts' : alertTable(items, io.nowMs()),
        items[0] === undefined ? '' : `next: fairlead alert show ${items[0].id}`,
      ]);
    },
  });
}

export function alertTable(alerts: readonly AlertView[], nowMs: number): string {
  return printTable(
    ['alert', 'endpoint', 'kind', 'severity', 'state', 'title', 'opened'],
    alerts.map((alert) => [
      alert.id,
      alert.endpoint,
      alert.kind,
      alert.severity,
      alert.state,
      alert.title,
      formatWhen(alert.openedAtMs, nowMs),
    ]),
  );
}

function showCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'show',
    summary: 'Show an alert with its evidence',
    arguments: ALERT,
    examples: [`fairlead alert show ${EXAMPLE_ID}`],
    run: async (session, _, id = '') => {
      const alert = await session.client.alerts.get(id);
      session.show(alert, () => [
        printFacts({
          alert: alert.id,
          title: alert.title,
          kind: `${alert.kind}, ${alert.severity}`,
          state: alert.state,
          endpoint: alert.endpoint,
          monitor: alert.monitor,
          evidence: alert.evidence,
          opened: formatWhen(alert.openedAtMs, io.nowMs()),
          'taken by': alert.acknowledgedBy,
          resolved: formatWhen(alert.resolvedAtMs, io.nowMs()),
          report: alert.reportId,
        }),
        alert.state === 'open'
          ? `next: fairlead alert ack ${alert.id}`
          : `next: fairlead monitor reports ${alert.monitor}`,
      ]);
    },
  });
}

function ackCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'ack',
    summary: 'Take an alert: say that you look after it',
    arguments: ALERT,
    examples: [`fairlead alert ack ${EXAMPLE_ID}`],
    run: async (session, _, id = '') => {
      const alert = await session.client.alerts.acknowledge(id);
      session.show(alert, () => [
        `${alert.title}: ${alert.state} by ${alert.acknowledgedBy ?? ''}`.trimEnd(),
        `next: fairlead monitor reports ${alert.monitor}`,
      ]);
    },
  });
}
