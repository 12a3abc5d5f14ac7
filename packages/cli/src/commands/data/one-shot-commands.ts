import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TableProfileView } from '@fairlead/contracts';
import type { FileVerdict } from '@fairlead/server';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice } from '../../parse-values.js';
import { loadProject } from '../../project/load-project.js';
import { brief, count } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';
import type { Style } from '../../terminal/style.js';
import { presentProfile } from './present-profile.js';

/** `fairlead profile FILE`: no server needed. */
export function profileFileCommand(io: Io): Command {
  return defineCommand<{ format?: string }>(io, {
    name: 'profile',
    summary: 'Show the distribution of each column of a file, without a server',
    arguments: { '<file>': 'CSV, JSON lines or Parquet; a file or a folder' },
    options: { '--format <format>': 'csv, jsonl or parquet' },
    examples: ['fairlead profile weather.csv', 'fairlead profile weather.parquet --json'],
    connects: false,
    run: async (session, { format }, file = '') => {
      const path = existing(file, io.cwd);
      const found = await session.busy(`reading ${file}`, async () => {
        const { profileFile } = await import('@fairlead/server');
        return profileFile(
          path,
          format === undefined ? {} : { format: parseChoice(format, '--format', ['csv', 'jsonl', 'parquet']) },
        );
      });
      session.show(found, () => presentProfile(found.profile as TableProfileView, found.columns));
    },
  });
}

interface ValidateOptions {
  readonly file?: string;
  readonly dataset?: string;
}

/** `fairlead validate FILE`: no server needed. */
export function validateFileCommand(io: Io): Command {
  return defineCommand<ValidateOptions>(io, {
    name: 'validate',
    summary: 'Judge a file by the contract of a dataset, without a server; exit code 1 when it would be refused',
    arguments: { '<data>': 'CSV, JSON lines or Parquet; a file or a folder' },
    options: {
      '-f, --file <path>': 'project file (default: the one in this folder)',
      '--dataset <name>': 'whose contract (default: the only one of the project)',
    },
    examples: ['fairlead validate new-days.csv', 'fairlead validate new-days.csv -f fairlead.yaml --dataset weather'],
    connects: false,
    run: async (session, { file, dataset }, data = '') => {
      const path = existing(data, io.cwd);
      const { project } = await loadProject(file, io.cwd);
      const verdict = await session.busy(`judging ${data}`, async () => {
        const { parseProject, validateFile } = await import('@fairlead/server');
        const { datasets } = parseProject(project);
        const names = Object.keys(datasets);
        const name = dataset ?? (names.length === 1 ? names[0] : undefined);
        const spec = name === undefined ? undefined : datasets[name];
        if (spec !== undefined) return validateFile(path, spec);
        const wrong =
          dataset === undefined ? 'Name one of the datasets with --dataset' : `There is no dataset '${dataset}'`;
        throw cliErrors.CLI_USAGE(`${wrong}; the project has ${names.join(', ') || 'none'}.`);
      });
      if (verdict.outcome === 'refused') session.fail();
      session.show(verdict, () => presentVerdict(verdict, session.style));
    },
  });
}

function existing(file: string, cwd: string): string {
  const path = resolve(cwd, file);
  if (existsSync(path)) return path;
  throw cliErrors.CLI_FILE_UNREADABLE(`There is no file ${path}.`, { data: { path } });
}

function presentVerdict(verdict: FileVerdict, style: Style): string[] {
  const { outcome, receivedRows, faultyRows, skippedRows, ignoredColumns, checks, sample } = verdict;
  const paint = outcome === 'refused' ? style.red : style.green;
  return [
    `${paint(outcome)}: ${count(receivedRows, 'row')}, ${faultyRows} break the contract, ${skippedRows} not taken`,
    ignoredColumns.length === 0 ? '' : `columns not in the contract: ${ignoredColumns.join(', ')}`,
    ...checks
      .filter((check) => check.verdict === 'fail')
      .map((check) => `${style.red('✗')} ${check.name}: ${check.observed}, expected ${check.expected}`),
    sample.length === 0
      ? ''
      : printTable(
          ['file', 'line>', 'reasons', 'row'],
          sample.map(({ file, line, reasons, raw }) => [
            file,
            String(line),
            brief(reasons.map(({ message }) => message).join('; '), 80),
            brief(raw, 60),
          ]),
        ),
  ];
}
