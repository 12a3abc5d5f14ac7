import type { RewardRow, TruthOutcome, TruthRow } from '@fairlead/sdk';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { type Row, readRows } from '../../read-rows.js';
import { count } from '../../terminal/format.js';

/** The most that one request may hold. */
const BATCH = 10_000;

export function truthCommand(io: Io): Command {
  return defineCommand<{ id?: string; label?: string }>(io, {
    name: 'truth',
    summary: 'Post what came true: late, in parts, or again with a correction',
    arguments: { '<endpoint>': 'name of the endpoint', '<file>': 'rows in .csv, .jsonl or .json' },
    options: {
      '--id <column>': 'column with the id of the prediction (default id)',
      '--label <column>': 'column with what came true (default label)',
    },
    examples: [
      'fairlead monitor truth rain truth.csv',
      'fairlead monitor truth rain days.jsonl --id date --label rained',
    ],
    run: async (session, { id = 'id', label = 'label' }, endpoint = '', file = '') => {
      const rows = (await readRows(file, io.cwd)).map((row, i) => truthRow(row, { id, label, number: i + 1 }));
      if (rows.length === 0) throw cliErrors.CLI_USAGE(`${file} has no rows.`);
      const total = await session.busy(`posting ${rows.length} rows`, (progress) =>
        postAll(rows, (part) => session.client.truths.post(endpoint, part), progress),
      );
      session.show(total, () => [summaryOf(rows.length, total), `next: fairlead monitor performance ${endpoint}`]);
    },
  });
}

export function rewardCommand(io: Io): Command {
  return defineCommand<{ id?: string; value?: string }>(io, {
    name: 'reward',
    summary: 'Post what predictions were worth: late, in parts, or again with a correction',
    arguments: { '<endpoint>': 'name of the endpoint', '<file>': 'rows in .csv, .jsonl or .json' },
    options: {
      '--id <column>': 'column with the id of the prediction (default id)',
      '--value <column>': 'column with the worth, a number; more is better (default value)',
    },
    examples: [
      'fairlead monitor reward offers sales.csv',
      'fairlead monitor reward offers sales.jsonl --value revenue',
    ],
    run: async (session, { id = 'id', value = 'value' }, endpoint = '', file = '') => {
      const rows = (await readRows(file, io.cwd)).map((row, i) => rewardRow(row, { id, value, number: i + 1 }));
      if (rows.length === 0) throw cliErrors.CLI_USAGE(`${file} has no rows.`);
      const total = await session.busy(`posting ${rows.length} rows`, (progress) =>
        postAll(rows, (part) => session.client.rewards.post(endpoint, part), progress),
      );
      session.show(total, () => [summaryOf(rows.length, total), `next: fairlead release list --endpoint ${endpoint}`]);
    },
  });
}

/** Posts in parts that one request may hold. */
async function postAll<T>(
  rows: readonly T[],
  post: (part: readonly T[]) => Promise<TruthOutcome>,
  progress: { update(text: string): void },
): Promise<TruthOutcome> {
  const total: TruthOutcome = { accepted: 0, corrected: 0, unchanged: 0, unmatched: 0 };
  for (let start = 0; start < rows.length; start += BATCH) {
    const outcome = await post(rows.slice(start, start + BATCH));
    for (const key of Object.keys(total) as (keyof TruthOutcome)[]) total[key] += outcome[key];
    progress.update(`${Math.min(start + BATCH, rows.length)} of ${rows.length} rows`);
  }
  return total;
}

function summaryOf(rows: number, { accepted, corrected, unchanged, unmatched }: TruthOutcome): string {
  return `${count(rows, 'row')}: ${accepted} new, ${corrected} corrected, ${unchanged} unchanged, ${unmatched} without a known prediction`;
}

function rewardRow(row: Row, { id, value, number }: { id: string; value: string; number: number }): RewardRow {
  const worth = typeof row[value] === 'string' && row[value] !== '' ? Number(row[value]) : row[value];
  if (row[id] == null || typeof worth !== 'number' || !Number.isFinite(worth)) {
    throw cliErrors.CLI_USAGE(
      `Row ${number} has no '${row[id] == null ? id : value}' that can be posted; it has ${Object.keys(row).join(', ')}.`,
    );
  }
  const { observedAtMs } = row;
  return { id: String(row[id]), value: worth, ...(typeof observedAtMs === 'number' && { observedAtMs }) };
}

function truthRow(row: Row, { id, label, number }: { id: string; label: string; number: number }): TruthRow {
  if (row[id] == null || row[label] == null) {
    throw cliErrors.CLI_USAGE(
      `Row ${number} has no '${row[id] == null ? id : label}'; it has ${Object.keys(row).join(', ')}.`,
    );
  }
  const { observedAtMs } = row;
  return {
    id: String(row[id]),
    label: String(row[label]),
    ...(typeof observedAtMs === 'number' && { observedAtMs }),
  };
}
