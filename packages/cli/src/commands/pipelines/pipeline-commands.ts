import type { PipelineRunView } from '@fairlead/contracts';
import { formatDuration } from '@fairlead/kernel';
import type { Command } from 'commander';
import { defineCommand, defineGroup } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseWhole } from '../../parse-values.js';
import { formatWhen } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';
import { nextStep, paintState, presentRun } from './present-run.js';
import { runCommand } from './run-command.js';
import { watchRun } from './watch-run.js';

const RUN = { '<run>': 'id of the run' };
const EXAMPLE_ID = '0193a1b2c3d4e5f60718293a4b5c6d7e';

/** `fairlead pipeline …` */
export function pipelineGroup(io: Io): Command {
  return defineGroup('pipeline', 'Pipelines, their runs, cache and steps', [
    listCommand(io),
    runCommand(io),
    runsCommand(io),
    showCommand(io),
    cancelCommand(io),
    resumeCommand(io),
    stepsCommand(io),
  ]);
}

function listCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'list',
    summary: 'List the pipelines',
    examples: ['fairlead pipeline list'],
    run: async (session) => {
      const { items } = await session.client.pipelines.list();
      session.show({ items }, () =>
        items.length === 0
          ? 'no pipeline is declared\nnext: fairlead apply'
          : printTable(
              ['pipeline', 'steps', 'triggers', 'changed'],
              items.map(({ name, spec, updatedAtMs }) => [
                name,
                Object.keys(spec.steps).join(' → '),
                (spec.triggers ?? []).map(({ on }) => on).join(', '),
                formatWhen(updatedAtMs, io.nowMs()),
              ]),
            ),
      );
    },
  });
}

interface RunsOptions {
  readonly pipeline?: string;
  readonly state?: string;
  readonly limit?: string;
}

const STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

function runsCommand(io: Io): Command {
  return defineCommand<RunsOptions>(io, {
    name: 'runs',
    summary: 'List runs of pipelines, newest first',
    options: {
      '--pipeline <name>': 'only of this pipeline',
      '--state <state>': `only in this state: ${STATES.join(', ')}`,
      '--limit <n>': 'runs to show (default 20)',
    },
    examples: ['fairlead pipeline runs --pipeline rain --state failed'],
    run: async (session, { pipeline, state, limit = '20' }) => {
      const page = await session.client.pipelineRuns.list({
        ...(pipeline !== undefined && { pipeline }),
        ...(state !== undefined && { state: parseChoice(state, '--state', STATES) }),
        limit: parseWhole(limit, '--limit'),
      });
      session.show(page, () =>
        printTable(
          ['run', 'pipeline', 'state', 'trigger', 'took>', 'started'],
          page.items.map((run) => [
            run.id,
            run.pipeline,
            paintState(run.state, session.style),
            run.trigger.kind,
            run.endedAtMs === null ? '' : formatDuration(run.endedAtMs - run.createdAtMs),
            formatWhen(run.createdAtMs, io.nowMs()),
          ]),
        ),
      );
    },
  });
}

function showCommand(io: Io): Command {
  return defineCommand<{ wait?: boolean }>(io, {
    name: 'show',
    summary: 'Show a run with its steps and why they were not cached',
    arguments: RUN,
    options: { '--wait': 'watch it to its end' },
    examples: [`fairlead pipeline show ${EXAMPLE_ID}`, `fairlead pipeline show ${EXAMPLE_ID} --wait`],
    run: async (session, { wait }, id = '') => {
      const found = await session.client.pipelineRuns.get(id);
      const run = wait === true ? await watchRun(session, found) : found;
      if (wait === true && run.state !== 'succeeded') session.fail();
      session.show(run, () => presentRun(run, { style: session.style, nowMs: io.nowMs() }));
    },
  });
}

function cancelCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'cancel',
    summary: 'Stop a run: what runs is stopped, what waits never starts',
    arguments: RUN,
    examples: [`fairlead pipeline cancel ${EXAMPLE_ID}`],
    run: async (session, _, id = '') => {
      const run = await session.client.pipelineRuns.cancel(id);
      session.show(run, () => [`${run.pipeline} ${run.state}`, nextStep(run)]);
    },
  });
}

function resumeCommand(io: Io): Command {
  return defineCommand<{ wait?: boolean }>(io, {
    name: 'resume',
    summary: 'Run again what failed or never ran; what succeeded is kept',
    arguments: RUN,
    options: { '--no-wait': 'only start it' },
    examples: [`fairlead pipeline resume ${EXAMPLE_ID}`],
    run: async (session, { wait }, id = '') => {
      const resumed = await session.client.pipelineRuns.resume(id);
      const run: PipelineRunView = wait === false ? resumed : await watchRun(session, resumed);
      if (wait !== false && run.state !== 'succeeded') session.fail();
      session.show(run, () => presentRun(run, { style: session.style, nowMs: io.nowMs() }));
    },
  });
}

function stepsCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'steps',
    summary: 'List the built-in steps that `uses` may name',
    examples: ['fairlead pipeline steps'],
    run: async (session) => {
      const { items } = await session.client.pipelines.builtInSteps();
      session.show({ items }, () =>
        printTable(
          ['uses', 'what it does', 'cached'],
          items.map(({ uses, title, cacheable }) => [uses, title, cacheable ? 'yes' : 'no']),
        ),
      );
    },
  });
}
