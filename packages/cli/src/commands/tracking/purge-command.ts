import type { PurgeReportView } from '@fairlead/contracts';
import type { Command } from 'commander';
import { Option } from 'commander';
import { defineCommand } from '../../define-command.js';
import { finishedJob } from '../../finished-job.js';
import type { Io } from '../../io.js';
import { collect, parseLength } from '../../parse-values.js';
import { count, formatBytes } from '../../terminal/format.js';

interface Options {
  readonly olderThan?: string;
  readonly experiment?: string;
  readonly run?: readonly string[];
  readonly apply?: boolean;
}

/** `fairlead tracking purge`: what `mlflow gc` does for a database of MLflow's own. */
export function purgeCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'purge',
    summary: 'Say which deleted runs, experiments and logged models would go for good; with --apply, remove them',
    options: {
      '--apply': 'remove them, which nothing brings back; without it nothing is changed',
      '--older-than <time>': 'only what was deleted this long ago, for example 30d or 12h',
      '--experiment <name>': 'only in the experiments of this name, deleted ones included',
      '--run <id>': new Option('--run <id>', 'only this run; may be given again').argParser(collect),
    },
    examples: [
      'fairlead tracking purge --older-than 30d',
      'fairlead tracking purge --experiment rain --apply',
      'fairlead tracking purge --run 0193a1b2c3d4e5f60718293a4b5c6d7e --apply',
    ],
    run: async (session, { olderThan, experiment, run, apply = false }) => {
      const report = await finishedJob<PurgeReportView>(session, 'looking through what is deleted', () =>
        session.client.tracking.purge({
          dryRun: !apply,
          ...(olderThan !== undefined && { olderThanMs: parseLength(olderThan, '--older-than') }),
          ...(experiment !== undefined && { experiment }),
          ...(run !== undefined && { runIds: [...run] }),
        }),
      );
      session.show(report, () => describe(report));
    },
  });
}

function describe(report: PurgeReportView): string[] {
  const { dryRun, runs, experiments, loggedModels, points, files, sizeBytes, kept, keptCount } = report;
  const lines = kept.map(({ kind, id, reason }) => `${kind} ${id} stays: ${reason}`);
  if (keptCount > kept.length) lines.push(`and ${count(keptCount - kept.length, 'other')} stay`);
  if (runs + experiments + loggedModels === 0) return [...lines, 'Nothing to remove.'];
  const things = [count(runs, 'run'), count(experiments, 'experiment'), count(loggedModels, 'logged model')].join(', ');
  const what = `${things} with ${count(points, 'point')} and ${count(files, 'file')} of ${formatBytes(sizeBytes)}`;
  return dryRun
    ? [...lines, `${what} would go for good; --apply removes them.`]
    : [...lines, `${what} removed for good.`, 'next: fairlead storage collect   # the bytes of the files'];
}
