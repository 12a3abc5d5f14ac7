import { type Command, Option } from 'commander';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { collect, parseChoice, parseParams } from '../../parse-values.js';
import { nextStep, presentRun } from './present-run.js';
import { watchRun } from './watch-run.js';

interface Options {
  readonly param?: readonly string[];
  readonly wait?: boolean;
  readonly cache?: string;
}

/** `fairlead run PIPELINE`, and the same as `fairlead pipeline run PIPELINE`. */
export function runCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'run',
    summary: 'Run a pipeline and watch it: each step, its result, and why it was not cached',
    arguments: { '<pipeline>': 'name of the pipeline' },
    options: {
      '--param <name=value>': new Option(
        '--param <name=value>',
        'parameter of the pipeline; may be repeated',
      ).argParser(collect),
      '--cache <use>': 'auto: use former results (default); off: neither use nor keep; refresh: keep, but do not use',
      '--wait': 'wait for the end (the default)',
      '--no-wait': 'only start it',
    },
    examples: [
      'fairlead run rain',
      'fairlead run rain --param testFrom=2015-01-01 --cache off',
      'fairlead run rain --no-wait',
    ],
    run: async (session, { param, wait, cache }, pipeline = '') => {
      const started = await session.client.pipelines.run(pipeline, {
        params: parseParams(param),
        ...(cache !== undefined && { cache: parseChoice(cache, '--cache', ['auto', 'off', 'refresh']) }),
      });
      if (wait === false) {
        return session.show(started, () => [`started ${pipeline} ${started.id}`, nextStep(started)]);
      }
      const run = await watchRun(session, started);
      if (run.state !== 'succeeded') session.fail();
      session.show(run, () => presentRun(run, { style: session.style, nowMs: io.nowMs() }));
    },
  });
}
