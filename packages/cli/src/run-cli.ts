import { CommanderError } from 'commander';
import { cliErrors } from './cli-errors.js';
import { createProgram } from './create-program.js';
import { exitCodes } from './define-command.js';
import type { Io } from './io.js';
import { exitCodeOf, presentError } from './present-error.js';

/**
 * Runs one command line (without `node` and the program's name) and gives its exit code: 0 done, 1 refused, failed or
 * bad news, 2 wrong usage. Never throws.
 */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const json = args.includes('--json');
  const program = createProgram(io);
  exitCodes.delete(io);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCodes.get(io) ?? 0;
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      presentError(io, error, { json });
      return exitCodeOf(error);
    }
    if (error.exitCode === 0) return 0;
    presentError(io, usageError(error), { json });
    return 2;
  }
}

function usageError({ code, message }: CommanderError) {
  // A group without a command shows its help, and that is all there is to say.
  const text = code === 'commander.help' ? 'A command is missing.' : message.replace(/^error: /, '');
  return cliErrors.CLI_USAGE(text.replace(/\n/g, ' '));
}
