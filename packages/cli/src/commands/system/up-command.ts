import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { UP_FLAGS } from './up-flags.js';

/**
 * How much the heap of JavaScript, of every thread, may grow before it is collected again, in percent of what is alive. Left to
 * itself the engine takes the machine's memory as its measure and lets 60 MiB become 200; 75 % costs requests nothing that could be
 * measured (bench/README.md, "Memory of the server").
 */
const HEAP_GROWING_PERCENT = 75;

export function upCommand(io: Io): Command {
  const options = Object.fromEntries(
    UP_FLAGS.map(([flag, takes, description]) => [
      takes === 'bool' ? `${flag} [true|false]` : `${flag} <${takes}>`,
      description,
    ]),
  );
  return defineCommand<Record<string, unknown>>(io, {
    name: 'up',
    summary: 'Start the server in this process; Ctrl-C lets it finish and stops it',
    options: { ...options, '--config <file>': 'configuration file (default: fairlead.config.yaml in home)' },
    examples: [
      'fairlead up',
      'fairlead up --home /srv/fairlead --port 4700 --grpc-port 4701',
      'fairlead up --database-url postgres://fairlead@db/fairlead --host 0.0.0.0 --identity-required',
    ],
    connects: false,
    run: async (session, { json: _, ...flags }) => {
      setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
      const { startServer } = await import('@fairlead/server');
      const signals = catchSignals();
      try {
        const server = await startServer({ flags, env: io.env, cwd: io.cwd });
        const { url, grpc, serving } = server;
        const more = { ...(serving !== undefined && { serving }), ...(grpc !== undefined && { grpc }) };
        session.show({ ready: true, url, ...more }, () =>
          [`fairlead ready ${url}`, ...Object.entries(more).map(([name, at]) => `fairlead ${name} ${at}`)].join('\n'),
        );
        await signals.asked;
        await server.stop();
      } finally {
        signals.release();
      }
    },
  });
}

/** The first SIGINT or SIGTERM asks the server to finish, the second ends the process at once. */
function catchSignals(): { asked: Promise<void>; release: () => void } {
  let ask: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  let times = 0;
  const onSignal = () => {
    times += 1;
    if (times > 1) process.exit(1);
    ask();
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  return {
    asked,
    release: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
    },
  };
}
