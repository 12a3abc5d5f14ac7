import type { Reproduction } from '@fairlead/server';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import { finishedJob } from '../../finished-job.js';
import type { Io } from '../../io.js';
import { formatNumber } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';
import type { Style } from '../../terminal/style.js';

const WORDS: Readonly<Record<Reproduction['level'], string>> = {
  'same-bytes': 'the same bytes came out again',
  'same-predictions': 'other bytes, the same predictions',
  'same-metrics': 'other bytes, metrics within the tolerance',
  different: 'something else came out',
};

/** `fairlead reproduce RUN`: exit code 1 when something else came out. */
export function reproduceCommand(io: Io): Command {
  return defineCommand<{ tolerance?: string; environment?: string }>(io, {
    name: 'reproduce',
    summary:
      'Do a run again from its record, in an empty folder, and compare; exit code 1 when something else comes out',
    arguments: { '<run>': 'id of a pipeline run, or of the tracked run of one step' },
    options: {
      '--tolerance <ratio>': 'how far probabilities and metrics may be apart (default 1e-6)',
      '--environment <which>':
        'packages of commands: rebuild from their lock files (default), offline without a network, current as installed',
    },
    examples: [
      'fairlead reproduce 0193a1b2c3d4e5f60718293a4b5c6d7e',
      'fairlead reproduce 0193a1b2c3d4e5f60718293a4b5c6d7e --environment offline',
    ],
    run: async (session, { tolerance, environment }, runId = '') => {
      const { client } = session;
      const options = {
        ...(tolerance !== undefined && { tolerance: parseRatio(tolerance) }),
        ...(environment !== undefined && { environment: parseEnvironment(environment) }),
      };
      const reproduction = await finishedJob<Reproduction>(session, `reproducing ${runId}`, () =>
        client.runs.reproduce(runId, options),
      );
      if (reproduction.level === 'different') session.fail();
      session.show(reproduction, () => present(reproduction, session.style));
    },
  });
}

function parseRatio(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw cliErrors.CLI_USAGE(`--tolerance takes a number from 0 to 1, not ${JSON.stringify(text)}.`);
}

const ENVIRONMENTS = ['rebuild', 'offline', 'current'] as const;

function parseEnvironment(text: string): (typeof ENVIRONMENTS)[number] {
  const found = ENVIRONMENTS.find((one) => one === text);
  if (found !== undefined) return found;
  throw cliErrors.CLI_USAGE(`--environment takes ${ENVIRONMENTS.join(', ')}, not ${JSON.stringify(text)}.`);
}

const SHOWN_PACKAGES = 12;

/** One line per environment that was rebuilt or is not that of the record; built-in steps need none. */
function environmentLine({ step, environment: { kind, detail, packages } }: Reproduction['steps'][number]): string[] {
  if (kind === 'fairlead') return [];
  const more = packages.length > SHOWN_PACKAGES ? ` and ${packages.length - SHOWN_PACKAGES} more` : '';
  const installed =
    kind === 'rebuilt' ? `: ${packages.slice(0, SHOWN_PACKAGES).join(', ') || 'no packages'}${more}` : '';
  return [`${step}: environment ${kind}, ${detail}${installed}`];
}

function present({ level, pipeline, steps, skipped }: Reproduction, style: Style): string[] {
  const paint = level === 'different' ? style.red : style.green;
  const differing = steps.flatMap(({ step, outputs }) =>
    outputs
      .filter(({ maxAbsDifference }) => maxAbsDifference !== null)
      .map(
        ({ name, maxAbsDifference }) => `${step}: ${name} differs by at most ${formatNumber(maxAbsDifference ?? 0)}`,
      ),
  );
  const changed = steps.flatMap(({ step, changed: causes }) => causes.map((cause) => `${step}: ${cause}`));
  return [
    `${paint(level)}: ${pipeline}, ${WORDS[level]}`,
    printTable(
      ['step', 'verdict', 'code', 'environment', 'first difference', 'run'],
      steps.map((step) => [
        ...[step.step, step.level, step.code, step.environment.kind],
        ...[step.firstDifference ?? '', step.runId],
      ]),
    ),
    ...differing,
    ...steps.flatMap(environmentLine),
    changed.length === 0 ? '' : `Not as it was: ${changed.join('; ')}`,
    ...skipped.map(({ why }) => `Not done again: ${why}`),
  ];
}
