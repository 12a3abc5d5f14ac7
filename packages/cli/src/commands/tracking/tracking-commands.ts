import type { Command } from 'commander';
import { defineCommand, defineGroup } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseWhole } from '../../parse-values.js';
import { brief, formatBytes, formatNumber, formatWhen, shortDigest } from '../../terminal/format.js';
import { GAP, printFacts, printTable } from '../../terminal/print-table.js';
import { purgeCommand } from './purge-command.js';
import { compareRunsCommand, deleteRunsCommand, restoreRunsCommand } from './run-lifecycle-commands.js';

/** `fairlead tracking …` */
export function trackingGroup(io: Io): Command {
  return defineGroup('tracking', 'Tracked runs: parameters, metrics, environment, files', [
    runsCommand(io),
    showCommand(io),
    compareRunsCommand(io),
    deleteRunsCommand(io),
    restoreRunsCommand(io),
    purgeCommand(io),
  ]);
}

interface RunsOptions {
  readonly experiment?: string;
  readonly orderBy?: string;
  readonly direction?: string;
  readonly limit?: string;
}

function runsCommand(io: Io): Command {
  return defineCommand<RunsOptions>(io, {
    name: 'runs',
    summary: 'Find tracked runs, newest first or by a metric',
    options: {
      '--experiment <name>': 'only of this experiment',
      '--order-by <metric>': 'order by the latest value of this metric',
      '--direction <direction>': 'asc (default) or desc',
      '--limit <n>': 'runs to show (default 20)',
    },
    examples: ['fairlead tracking runs --experiment rain --order-by brier --limit 5'],
    run: async (session, { experiment, orderBy, direction, limit = '20' }) => {
      const page = await session.client.runs.search({
        ...(experiment !== undefined && { experiment }),
        ...(orderBy !== undefined && { orderByMetric: orderBy }),
        ...(direction !== undefined && { direction: parseChoice(direction, '--direction', ['asc', 'desc']) }),
        limit: parseWhole(limit, '--limit'),
      });
      session.show(page, () =>
        printTable(
          ['run', 'name', 'status', 'metrics', 'started'],
          page.items.map(({ id, name, status, metrics, startedAtMs }) => [
            id,
            name,
            status,
            brief(metricsOf(metrics)),
            formatWhen(startedAtMs, io.nowMs()),
          ]),
        ),
      );
    },
  });
}

function metricsOf(metrics: Readonly<Record<string, number | string>>): string {
  return Object.entries(metrics)
    .map(([key, value]) => `${key} ${typeof value === 'number' ? formatNumber(value) : value}`)
    .join(', ');
}

function showCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'show',
    summary: 'Show a tracked run with what it ran on and its files',
    arguments: { '<run>': 'id of the run' },
    examples: ['fairlead tracking show 0193a1b2c3d4e5f60718293a4b5c6d7e'],
    run: async (session, _, id = '') => {
      const run = await session.client.runs.get(id);
      const { items: artifacts } = await session.client.runs.artifacts(id);
      session.show({ run, artifacts }, () => {
        const git = run.environment?.git;
        return [
          printFacts({
            run: run.id,
            name: run.name,
            status: run.status,
            started: formatWhen(run.startedAtMs, io.nowMs()),
            by: run.createdBy,
            git: git && `${git.commit.slice(0, 12)}${git.dirty ? ' with changes not committed' : ''}`,
            node: run.environment?.runtime.node,
          }),
          ...section('parameters', run.params),
          ...section('metrics', run.metrics),
          ...section('tags', run.tags),
          ...(artifacts.length === 0 ? [] : [GAP, 'files:']),
          ...artifacts.map((file) => `  ${file.path}  ${formatBytes(file.sizeBytes)}  ${shortDigest(file.digest)}`),
          `next: fairlead lineage run ${run.id}`,
        ];
      });
    },
  });
}

function section(title: string, values: Readonly<Record<string, string | number>>): string[] {
  const lines = Object.entries(values).map(
    ([key, value]) => `  ${key}  ${brief(typeof value === 'number' ? formatNumber(value) : value, 100)}`,
  );
  return lines.length === 0 ? [] : [GAP, `${title}:`, ...lines];
}
