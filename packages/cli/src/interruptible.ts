import { cliErrors } from './cli-errors.js';

/** How long work may take to put its things away before the process ends without it. */
const GRACE_MS = 5_000;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs `work` so that Ctrl-C and SIGTERM stop it by its signal: it can put away what it began. A second signal, or work that
 * does not listen, ends the process; files that it registered for that are removed even then.
 *
 * @throws CLI_INTERRUPTED when it was stopped
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  let forced: NodeJS.Timeout | undefined;
  const listeners = (['SIGINT', 'SIGTERM'] as const).map((name) => {
    const listener = () => {
      if (stop.signal.aborted) process.exit(EXIT_CODES[name]);
      stop.abort(
        cliErrors.CLI_INTERRUPTED(`The command was stopped by ${name}.`, { data: { exitCode: EXIT_CODES[name] } }),
      );
      forced = setTimeout(() => process.exit(EXIT_CODES[name]), GRACE_MS);
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  try {
    return await work(stop.signal);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearTimeout(forced);
    for (const release of listeners) release();
  }
}
