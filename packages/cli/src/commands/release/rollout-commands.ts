import type { ExperimentQuestion } from '@fairlead/server';
import { type Command, Option } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand, type Session } from '../../define-command.js';
import type { Io } from '../../io.js';
import { collect, parseNumber, parseWhole } from '../../parse-values.js';
import { count, formatRatio } from '../../terminal/format.js';
import { printFacts } from '../../terminal/print-table.js';
import { showRelease as show } from './present-release.js';

const RELEASE = { '<release>': 'id of the release' };
const EXAMPLE_ID = '0193a1b2c3d4e5f60718293a4b5c6d7e';

/** The commands that move traffic, and the one that plans an experiment with it. */
export function rolloutCommands(io: Io): Command[] {
  return [
    rolloutCommand(io),
    advanceCommand(io),
    promoteCommand(io),
    pauseCommand(io),
    resumeCommand(io),
    sizeCommand(io),
  ];
}

function rolloutCommand(io: Io): Command {
  return defineCommand<ArmOptions>(io, {
    name: 'rollout',
    summary: 'Start the rollout of an approved release',
    arguments: RELEASE,
    options: ARM_OPTIONS,
    examples: [
      `fairlead release rollout ${EXAMPLE_ID}`,
      `fairlead release rollout ${EXAMPLE_ID} --arm 2 --arm challenger`,
    ],
    run: (session, options, id = '') => startRollout(session, id, options),
  });
}

export interface ArmOptions {
  readonly arm?: readonly string[];
  /** False: --no-arms. */
  readonly arms?: boolean;
}

export const ARM_OPTIONS = {
  '--arm <version>': new Option(
    '--arm <version>',
    'of a bandit: a further approved version, by number or alias, in the place of those of the policy; may be repeated',
  ).argParser(collect),
  '--no-arms': 'of a bandit: the candidate and the live version alone, whatever the policy names',
};

export async function startRollout(session: Session, id: string, { arm, arms = true }: ArmOptions): Promise<void> {
  if (arm !== undefined && !arms) throw cliErrors.CLI_USAGE('--arm and --no-arms contradict each other.');
  const named = arm?.map((text) => (/^[0-9]+$/.test(text) ? parseWhole(text, '--arm') : text));
  const options = { ...(named !== undefined && { arms: named }), ...(!arms && { arms: [] }) };
  show(session, await session.busy('starting the rollout', () => session.client.releases.rollOut(id, options)));
}

function advanceCommand(io: Io): Command {
  return defineCommand<{ force?: boolean }>(io, {
    name: 'advance',
    summary: 'Judge the guardrails now and move the rollout on, back or nowhere',
    arguments: RELEASE,
    options: { '--force': 'go on before the least number of requests; failed guardrails still count' },
    examples: [`fairlead release advance ${EXAMPLE_ID} --force`],
    run: async (session, { force }, id = '') =>
      show(session, await session.client.releases.advance(id, force === true ? { force } : {})),
  });
}

function promoteCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'promote',
    summary: 'Take a rollout on by hand: a canary to its next step, all else to the end; failed guardrails still count',
    arguments: RELEASE,
    examples: [`fairlead release promote ${EXAMPLE_ID}`],
    run: async (session, _, id = '') => show(session, await session.client.releases.advance(id, { force: true })),
  });
}

function pauseCommand(io: Io): Command {
  return defineCommand<{ reason?: string }>(io, {
    name: 'pause',
    summary: 'Stop a rollout where it is; its guardrails are watched all the same',
    arguments: RELEASE,
    options: { '--reason <text>': 'why' },
    examples: [`fairlead release pause ${EXAMPLE_ID} --reason "a sale is on until Monday"`],
    run: async (session, { reason }, id = '') => {
      if (reason === undefined) throw cliErrors.CLI_USAGE('A pause needs a --reason.');
      show(session, await session.client.releases.pause(id, { reason }));
    },
  });
}

function resumeCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'resume',
    summary: 'Let a paused rollout go on',
    arguments: RELEASE,
    examples: [`fairlead release resume ${EXAMPLE_ID}`],
    run: async (session, _, id = '') => show(session, await session.client.releases.resume(id)),
  });
}

interface SizeOptions {
  readonly effect?: string;
  readonly baseline?: string;
  readonly deviation?: string;
  readonly weight?: string;
  readonly alpha?: string;
  readonly power?: string;
  readonly trials?: string;
}

function sizeCommand(io: Io): Command {
  return defineCommand<SizeOptions>(io, {
    name: 'size',
    summary: 'Plan an A/B test: how many observations each version needs, or what a number of them can find; no server',
    options: {
      '--effect <x>': 'smallest improvement that matters: of a share absolute, of a mean in its units',
      '--baseline <share>': 'share that the stable version has, for the metric accuracy',
      '--deviation <x>': 'standard deviation of one reward, for the metric reward',
      '--weight <share>': 'the candidate’s share of traffic (default 0.5)',
      '--alpha <p>': 'chance of calling a difference that is not there (default 0.05)',
      '--power <p>': 'chance of finding the effect when it is there (default 0.8)',
      '--trials <n>': 'give the power of so many observations of the candidate instead',
    },
    examples: [
      'fairlead release size --baseline 0.85 --effect 0.02',
      'fairlead release size --deviation 12.5 --effect 1 --trials 2000',
    ],
    run: async (session, options) => {
      const question = questionOf(options);
      const { planExperiment } = await import('@fairlead/server');
      const size = planExperiment(question);
      session.show(size, () => [
        printFacts({
          candidate: count(size.candidate, 'observation'),
          'stable version': count(size.stable, 'observation'),
          power: formatRatio(size.power),
        }),
      ]);
    },
  });
}

function questionOf(options: SizeOptions): ExperimentQuestion {
  const { effect, baseline, deviation, trials, weight = '0.5', alpha = '0.05', power = '0.8' } = options;
  if (effect === undefined) throw cliErrors.CLI_USAGE('A plan needs the --effect that matters.');
  if ((baseline === undefined) === (deviation === undefined)) {
    throw cliErrors.CLI_USAGE('A plan needs either --baseline, for a share, or --deviation, for a mean.');
  }
  return {
    effect: parseNumber(effect, '--effect'),
    ...(baseline !== undefined && { baseline: parseNumber(baseline, '--baseline', { min: 0, max: 1 }) }),
    ...(deviation !== undefined && { standardDeviation: parseNumber(deviation, '--deviation', { min: 0 }) }),
    weight: parseNumber(weight, '--weight', { min: 0.001, max: 0.999 }),
    alpha: parseNumber(alpha, '--alpha', { min: 1e-9, max: 0.5 }),
    power: parseNumber(power, '--power', { min: 0.5, max: 0.9999 }),
    ...(trials !== undefined && { trials: parseWhole(trials, '--trials', 2) }),
  };
}
