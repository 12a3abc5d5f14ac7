import type { MonitorReportView } from '@fairlead/contracts';
import type { Command } from 'commander';
import { defineCommand, defineGroup } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseWhole } from '../../parse-values.js';
import { formatNumber, formatWhen } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';
import { presentReport } from './present-report.js';
import { rewardCommand, truthCommand } from './truth-command.js';

const MONITOR = { '<monitor>': 'name of the monitor' };

/** `fairlead monitor …` */
export function monitorGroup(io: Io): Command {
  return defineGroup('monitor', 'Monitors: drift, integrity, accuracy, ground truth', [
    listCommand(io),
    checkCommand(io),
    reportsCommand(io),
    performanceCommand(io),
    truthCommand(io),
    rewardCommand(io),
  ]);
}

function listCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'list',
    summary: 'List the monitors',
    examples: ['fairlead monitor list'],
    run: async (session) => {
      const { items } = await session.client.monitors.list();
      session.show({ items }, () =>
        printTable(
          ['monitor', 'endpoint', 'window>', 'reference', 'checked every'],
          items.map(({ name, spec }) => [
            name,
            spec.endpoint,
            `${spec.windowRows} rows`,
            spec.reference,
            spec.everyRows === 0 ? 'when asked' : `${spec.everyRows} rows`,
          ]),
        ),
      );
    },
  });
}

function checkCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'check',
    summary: 'Compare the newest rows of an endpoint with its reference now; opens and resolves alerts',
    arguments: MONITOR,
    examples: ['fairlead monitor check rain'],
    run: async (session, _, name = '') => {
      const report = await session.busy(`checking ${name}`, () => session.client.monitors.check(name));
      session.show(report, () => presentReport(report, session.style));
    },
  });
}

function reportsCommand(io: Io): Command {
  return defineCommand<{ limit?: string }>(io, {
    name: 'reports',
    summary: 'List the reports of a monitor, newest first',
    arguments: MONITOR,
    options: { '--limit <n>': 'reports to show (default 20)' },
    examples: ['fairlead monitor reports rain --limit 5'],
    run: async (session, { limit = '20' }, name = '') => {
      const { items } = await session.client.monitors.reports(name, { limit: parseWhole(limit, '--limit') });
      session.show({ items }, () =>
        printTable(
          ['when', 'version>', 'rows>', 'drift', 'columns', 'integrity', 'accuracy'],
          items.map((report) => [
            formatWhen(report.createdAtMs, io.nowMs()),
            String(report.version),
            String(report.windowRows),
            report.driftVerdict,
            driftedColumns(report),
            report.integrity,
            formatNumber(report.performance?.accuracy?.estimate),
          ]),
        ),
      );
    },
  });
}

function driftedColumns({ columns }: MonitorReportView): string {
  return columns
    .filter(({ drift }) => drift.verdict === 'drift')
    .map(({ column }) => column)
    .join(', ');
}

interface PerformanceOptions {
  readonly rows?: string;
  readonly environment?: string;
  readonly version?: string;
}

function performanceCommand(io: Io): Command {
  return defineCommand<PerformanceOptions>(io, {
    name: 'performance',
    summary: 'Show accuracy and Brier score over time, where the truth is known',
    arguments: { '<endpoint>': 'name of the endpoint' },
    options: {
      '--rows <n>': 'predictions with truth per window (default 60)',
      '--environment <name>': 'test or production (default)',
      '--version <n>': 'only of this version',
    },
    examples: ['fairlead monitor performance rain --rows 91'],
    run: async (session, { rows, environment, version }, name = '') => {
      const { items } = await session.client.endpoints.performance(name, {
        ...(rows !== undefined && { rows: parseWhole(rows, '--rows') }),
        ...(environment !== undefined && { environment }),
        ...(version !== undefined && { version: parseWhole(version, '--version') }),
      });
      session.show({ items }, () =>
        printTable(
          ['from', 'until', 'version>', 'truth>', 'accuracy>', 'promised>', 'Brier>', 'promised>', 'verdict'],
          items.map((window) => [
            formatWhen(window.fromMs, io.nowMs()),
            formatWhen(window.untilMs, io.nowMs()),
            String(window.version),
            `${window.withTruth} of ${window.rows}`,
            formatNumber(window.accuracy?.estimate),
            formatNumber(window.expectedAccuracy),
            formatNumber(window.brier),
            formatNumber(window.expectedBrier),
            window.verdict,
          ]),
        ),
      );
    },
  });
}
