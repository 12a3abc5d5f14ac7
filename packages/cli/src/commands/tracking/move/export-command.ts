import { resolve } from 'node:path';
import type { ExportSummary } from '@fairlead/server';
import { type Command, Option } from 'commander';
import { defineCommand } from '../../../define-command.js';
import { interruptible } from '../../../interruptible.js';
import type { Io } from '../../../io.js';
import { collect } from '../../../parse-values.js';
import { count, formatBytes } from '../../../terminal/format.js';
import { printTable } from '../../../terminal/print-table.js';
import { loadServerTools } from './server-tools.js';

interface Options {
  readonly experiment?: readonly string[];
  readonly format: ExportSummary['format'];
}

/** `fairlead export FOLDER`: exit code 1 when something could not be written. */
export function exportCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'export',
    summary: 'Write experiments, runs, models and files as the folder that MLflow itself opens, or as Parquet',
    arguments: { '<folder>': 'absent or empty' },
    options: {
      '--experiment <name>': new Option('--experiment <name>', 'only this experiment (may be given again)').argParser(
        collect,
      ),
      '--format <format>': new Option('--format <format>', 'mlruns, or parquet for tables to analyse')
        .choices(['mlruns', 'parquet'])
        .default('mlruns'),
    },
    examples: [
      'fairlead export ./mlruns',
      'fairlead export /backup/rain --experiment rain',
      'fairlead export ./tables --format parquet',
    ],
    remedies: { CLI_INTERRUPTED: 'What was written is not whole: remove the folder and run the command again.' },
    run: async (session, { experiment, format, ...options }, folder = '') => {
      const token = options.token ?? io.env.FAIRLEAD_TOKEN;
      const summary = await session.busy('reading the server', (progress) =>
        interruptible(async (signal) => {
          const tools = await loadServerTools();
          const problems: ExportSummary['problems'][number][] = [];
          const source = await tools.openMlflowSource(session.client.url, {
            cwd: io.cwd,
            signal,
            onProblem: (problem) => void problems.push(problem),
            ...(token !== undefined && { token }),
            ...(experiment !== undefined && { experiments: experiment }),
          });
          const write = format === 'parquet' ? tools.exportParquet : tools.exportMlruns;
          const written = await write(source, resolve(io.cwd, folder), {
            signal,
            onProgress: ({ runs, points, files }) =>
              progress.update(`writing: ${count(runs, 'run')}, ${count(points, 'point')}, ${count(files, 'file')}`),
          });
          return { ...written, problems: [...problems, ...written.problems] };
        }),
      );
      if (summary.problems.length > 0) session.fail();
      session.show(summary, () => present(summary));
    },
  });
}

function present({ folder, format, counts, problems }: ExportSummary): string[] {
  const { fileBytes, ...kinds } = counts;
  return [
    folder,
    printTable(
      ['kind', 'written>'],
      Object.entries(kinds).map(([kind, n]) => [kind, n.toLocaleString('en-US')]),
    ),
    `${formatBytes(fileBytes)} of files`,
    ...problems.map(({ message }) => `not written: ${message}`),
    format === 'parquet'
      ? `open it: pandas.read_parquet("${folder}/points")`
      : `open it: MLFLOW_ALLOW_FILE_STORE=true, mlflow.set_tracking_uri("file:${folder}")`,
  ];
}
