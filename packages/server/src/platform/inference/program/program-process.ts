import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { workerEntry } from '../../compute/index.js';
import { bareEnvironment } from '../bare-environment.js';

export interface ProgramOptions {
  /** Program and arguments; `{port}` and `{model}` are replaced. No shell reads them. */
  readonly command: readonly string[];
  /** What stands for `{model}`: the path of the model's file or folder. */
  readonly modelPath: string;
  /** Removed when the server is killed and can do it no more. */
  readonly scratch: string | null;
  /** Asked until it answers 200. */
  readonly readyPath: string;
  readonly startTimeoutMs: number;
  /** Time between SIGTERM and SIGKILL. */
  readonly stopTimeoutMs: number;
}

const POLL_MS = 150;
const KEPT_OUTPUT = 16_384;

/** Somebody's program that serves a model on a port of this machine, in a process group of its own. */
export class ProgramProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #stopTimeoutMs: number;
  readonly ended: Promise<string>;
  #output = '';
  #gone = false;

  private constructor(options: ProgramOptions, port: number) {
    this.port = port;
    this.#stopTimeoutMs = options.stopTimeoutMs;
    const fill = (text: string) => text.replaceAll('{port}', String(port)).replaceAll('{model}', options.modelPath);
    const guard = fileURLToPath(workerEntry(import.meta.url, 'guard-worker.js'));
    this.#child = spawn(process.execPath, [guard, options.scratch ?? '', ...options.command.map(fill)], {
      detached: true,
      env: bareEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output = `${this.#output}${chunk.toString()}`.slice(-KEPT_OUTPUT);
      });
    }
    this.ended = new Promise((resolve) => {
      const gone = (how: string) => {
        this.#gone = true;
        // Whatever the program left behind in its group.
        this.#signal('SIGKILL');
        resolve(how);
      };
      this.#child.once('error', (error) => gone(error.message));
      this.#child.once('exit', (code, signal) => gone(signal ?? `exit code ${code}`));
    });
  }

  /** Starts the program and waits until it is ready. Rejects with its last output when it ends or takes too long. */
  static async start(options: ProgramOptions): Promise<ProgramProcess> {
    const program = new ProgramProcess(options, await freePort());
    const untilMs = performance.now() + options.startTimeoutMs;
    while (!program.#gone && performance.now() < untilMs) {
      if (await program.answers(options.readyPath)) return program;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const why = program.#gone
      ? `it ended with ${await program.ended}`
      : `it was not ready within ${options.startTimeoutMs} ms`;
    program.#signal('SIGKILL');
    await program.ended;
    throw new Error(`${why}; it said: ${program.output() || 'nothing'}`);
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** The end of what it has printed, at most 16 KiB. */
  output(): string {
    return this.#output.trim();
  }

  /** Whether a GET is answered with 200 within two seconds. */
  answers(path: string): Promise<boolean> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, { signal: AbortSignal.timeout(2_000) }).then(
      async (answer) => {
        await answer.body?.cancel();
        return answer.status === 200;
      },
      () => false,
    );
  }

  /** Asks the whole group to end, and ends it when it does not. */
  async stop(): Promise<void> {
    this.#signal('SIGTERM');
    const late = setTimeout(() => this.#signal('SIGKILL'), this.#stopTimeoutMs);
    await this.ended;
    clearTimeout(late);
  }

  kill(): void {
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }
}

/** A port that nobody listens on now; somebody else may take it before the program does, which then fails and is started again. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
