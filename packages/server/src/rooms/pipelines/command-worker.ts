import { spawn } from 'node:child_process';
import { stopGroup } from './stop-group.js';
import { stopMarked } from './stop-marked.js';

/** What the server asks for; everything about the command stands in here. */
export interface CommandOrder {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What it reads from standard input; absent: nothing. */
  readonly input?: string;
}

export type CommandReport =
  | { readonly notStarted: string }
  | { readonly exitCode: number | null; readonly signal: string | null };

export interface StopOrder {
  readonly stopGraceMs: number;
}

/*
 * Stands between the server and a command. It exists for one reason: when the server is killed, the channel to it closes
 * and the command, with every process it started, is killed too. Without it a run that is taken up again after a crash
 * would meet its own former self, still writing.
 */
process.once('message', (order: CommandOrder) => {
  const [program = '', ...args] = order.argv;
  const child = spawn(program, args, {
    cwd: order.cwd,
    env: order.env,
    // A group of its own, so that grandchildren end with it.
    detached: true,
    stdio: [order.input === undefined ? 'ignore' : 'pipe', 'inherit', 'inherit'],
  });
  // A command that does not read its input to the end closes the pipe: its exit code tells what became of it.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(order.input);
  const run = order.env.FAIRLEAD_RUN_ID;
  const stopAll = () => {
    stopGroup(child, 'SIGKILL');
    if (run !== undefined) stopMarked(`FAIRLEAD_RUN_ID=${run}`);
  };
  const report = (message: CommandReport) => {
    process.removeListener('disconnect', abandoned);
    process.send?.(message, () => process.disconnect());
  };
  const abandoned = () => {
    stopAll();
    process.exit(1);
  };
  process.once('disconnect', abandoned);
  process.on('message', ({ stopGraceMs }: StopOrder) => {
    stopGroup(child, 'SIGTERM');
    setTimeout(stopAll, stopGraceMs).unref();
  });
  child.once('error', (error) => report({ notStarted: error.message }));
  child.once('exit', (exitCode, signal) => {
    // What it left behind would keep the output open for ever.
    stopAll();
    report({ exitCode, signal });
  });
});
