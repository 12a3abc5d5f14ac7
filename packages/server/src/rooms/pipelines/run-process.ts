import { type ChildProcess, fork } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { workerEntry } from '../../platform/compute/index.js';
import type { CommandOrder, CommandReport, StopOrder } from './command-worker.js';

const MAX_LOG_BYTES = 256 * 2 ** 20;
const TAIL_BYTES = 16 * 1024;
const TAIL_LINES = 20;

export interface ProcessOptions extends CommandOrder {
  /** Standard output and standard error, in the order in which they came. */
  readonly logPath: string;
  readonly signal: AbortSignal;
  /** From SIGTERM to SIGKILL. */
  readonly stopGraceMs: number;
}

export type ProcessResult = (CommandReport | { readonly supervisorLost: true }) & {
  /** The last lines of the output. */
  readonly tail: string;
};

/**
 * Runs a command, without a shell, under a supervisor that ends it (its whole process group) when the signal aborts or
 * this process dies. Resolves however the command ended; rejects only when nothing could be run at all.
 */
export async function runProcess(options: ProcessOptions): Promise<ProcessResult> {
  const { argv, cwd, env, input, logPath, signal, stopGraceMs } = options;
  const log = openLog(logPath);
  const supervisor = fork(workerEntry(import.meta.url, 'command-worker.js'), [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {},
    execArgv: [],
    // Out of the server's group: Ctrl-C in a terminal must reach the server alone, which then stops its work in order.
    detached: true,
  });
  const stop = () => {
    if (supervisor.connected) supervisor.send({ stopGraceMs } satisfies StopOrder);
  };
  try {
    const ended = reportOf(supervisor);
    log.take(supervisor.stdout);
    log.take(supervisor.stderr);
    supervisor.send({ argv, cwd, env, ...(input !== undefined && { input }) } satisfies CommandOrder);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    return { ...(await ended), tail: log.tail() };
  } finally {
    signal.removeEventListener('abort', stop);
    await log.close();
  }
}

/** Waits for the end of the output too, not only of the process. */
function reportOf(supervisor: ChildProcess): Promise<CommandReport | { supervisorLost: true }> {
  return new Promise((resolve, reject) => {
    let report: CommandReport | { supervisorLost: true } = { supervisorLost: true };
    supervisor.once('message', (message) => {
      report = message as CommandReport;
    });
    supervisor.once('error', reject);
    supervisor.once('close', () => resolve(report));
  });
}

function openLog(path: string) {
  const file = createWriteStream(path);
  let written = 0;
  let left = 0;
  let tail: Buffer = Buffer.alloc(0);
  const take = (stream: Readable | null) => {
    stream?.on('data', (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
      if (written + chunk.length > MAX_LOG_BYTES) {
        left += chunk.length;
        return;
      }
      written += chunk.length;
      if (!file.write(chunk)) waitForDrain(file, stream);
    });
  };
  return {
    take,
    tail: () => tail.toString('utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n'),
    close: async () => {
      if (left > 0) file.write(`\n[fairlead: ${left} further bytes of output were not kept]\n`);
      file.end();
      await finished(file);
    },
  };
}

function waitForDrain(file: WriteStream, stream: Readable): void {
  stream.pause();
  file.once('drain', () => stream.resume());
}
