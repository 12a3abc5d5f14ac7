import { processIo } from './io.js';
import { runCli } from './run-cli.js';

// `fairlead audit list | head` closes the pipe early, and that is fine.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await runCli(process.argv.slice(2), processIo());

// A handle that somebody forgot must not keep a finished command alive; output still in the pipe gets its time.
setTimeout(() => process.exit(), 3_000).unref();
