import type { RunDifferenceView } from '@fairlead/contracts';
import type { Command } from 'commander';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { brief, count, formatNumber } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';

const RUNS = { '<run...>': 'ids of runs' };

export function deleteRunsCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'delete',
    summary: 'Delete runs; they can be brought back until they are purged',
    arguments: RUNS,
    examples: ['fairlead tracking delete 0193a1b2c3d4e5f60718293a4b5c6d7e'],
    run: async (session, _, ...args) => {
      const ids = idsOf(args);
      for (const id of ids) await session.client.runs.remove(id);
      session.show({ deleted: ids }, () => [
        `${count(ids.length, 'run')} deleted.`,
        `next: fairlead tracking restore ${ids.join(' ')}   # brings back`,
      ]);
    },
  });
}

export function restoreRunsCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'restore',
    summary: 'Bring deleted runs back',
    arguments: RUNS,
    examples: ['fairlead tracking restore 0193a1b2c3d4e5f60718293a4b5c6d7e'],
    run: async (session, _, ...args) => {
      const items = [];
      for (const id of idsOf(args)) items.push(await session.client.runs.restore(id));
      session.show({ items }, () => `${count(items.length, 'run')} brought back.`);
    },
  });
}

export function compareRunsCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'compare',
    summary: 'Show what differs between runs; what is equal in all of them is left out',
    arguments: RUNS,
    examples: ['fairlead tracking compare 0193a1b2c3d4e5f60718293a4b5c6d7e 0193a1b2c3d4e5f60718293a4b5c6d7f'],
    run: async (session, _, ...args) => {
      const ids = idsOf(args);
      const { items } = await session.client.runs.compare(ids);
      session.show({ items }, () =>
        items.length === 0
          ? 'No difference.'
          : printTable(
              ['what', 'name', ...ids],
              items.map(({ field, key, values }) => [field, key, ...values.map((value) => cell(key, value))]),
            ),
      );
    },
  });
}

/** Commander hands a variadic argument over as one list. */
const idsOf = (args: readonly unknown[]) => [...new Set(args.flat() as string[])];

function cell(key: string, value: RunDifferenceView['values'][number]): string {
  if (value === null) return '–';
  if (typeof value === 'string') return brief(value, 40);
  if (key === 'startedAtMs') return new Date(value).toISOString().slice(0, 19).replace('T', ' ');
  return formatNumber(value);
}
