import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bareEnvironment } from './bare-environment.js';
import { inferenceErrors } from './inference-errors.js';
import { type Answer, type Answers, type Command, fromWire, type Reply, type Request } from './inference-messages.js';
import { type ModelWorker, NotStartedError } from './model-worker.js';
import { withTexts } from './packed-texts.js';
import { watchMemory } from './watch-memory.js';

export interface ProcessLimits {
  /** Time of one run. */
  readonly runTimeoutMs: number;
  /** Time to open the model. */
  readonly loadTimeoutMs: number;
  /** Resident memory; watched on Linux. */
  readonly maxMemoryBytes: number;
}

interface Waiting {
  readonly type: Command['type'];
  resolve(value: Answer): void;
  reject(error: Error): void;
}

const STOP_TIMEOUT_MS = 5_000;
const KEPT_ERRORS = 2_000;

/**
 * A process that holds models. It is killed when the command at its head takes longer, or the process more memory, than it
 * may; only that command fails for it, those behind it were not started and are given back.
 */
export class ModelProcess implements ModelWorker {
  readonly #child: ChildProcess;
  readonly #limits: ProcessLimits;
  /** In the order of service: the first one is being computed. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  readonly #memory: { stop(): void };
  #timer: NodeJS.Timeout | undefined;
  #fault: Error | undefined;
  #nextId = 0;
  #stopping = false;
  #gone = false;
  #stderr = '';

  constructor(entry: URL, limits: ProcessLimits, onLost: () => void) {
    this.#limits = limits;
    this.#child = fork(fileURLToPath(entry), {
      serialization: 'advanced',
      execArgv: [],
      env: bareEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#memory = watchMemory(this.#child.pid ?? 0, limits.maxMemoryBytes, () => this.#end(greedy(limits)));
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = `${this.#stderr}${chunk.toString()}`.slice(-KEPT_ERRORS);
    });
    this.#child.on('message', (reply) => this.#settle(reply as Reply));
    this.#ended = new Promise((resolve) => {
      const gone = (how: string) => {
        if (this.#gone) return;
        this.#gone = true;
        this.#memory.stop();
        clearTimeout(this.#timer);
        this.#loseAll(how);
        resolve();
        if (!this.#stopping) onLost();
      };
      this.#child.once('error', (error) => gone(`could not be started or reached: ${error.message}`));
      this.#child.once('exit', (code, signal) => gone(`ended with ${signal ?? `exit code ${code}`}`));
    });
  }

  get alive(): boolean {
    return !this.#gone;
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  get inFlight(): number {
    return this.#waiting.size;
  }

  readonly kill = (): void => {
    this.#child.kill('SIGKILL');
  };

  request<C extends Command>(command: C): Promise<Answers[C['type']]> {
    // Killed, but its end was not seen yet: it will not come to this one.
    if (this.#gone || this.#fault !== undefined) return Promise.reject(new NotStartedError('the process has ended'));
    const id = this.#nextId++;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(id, { type: command.type, resolve, reject });
      // An error here means that the process is gone, which its exit tells.
      this.#child.send({ ...command, id } satisfies Request, () => undefined);
      if (this.#waiting.size === 1) this.#watchHead();
    });
    return answer as Promise<Answers[C['type']]>;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (!this.#gone) await this.request({ type: 'stop' }).catch(() => undefined);
    const late = setTimeout(this.kill, STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(late);
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    this.#watchHead();
    if ('error' in reply) waiting?.reject(fromWire(reply.error));
    else waiting?.resolve(withTexts(reply.value));
  }

  #watchHead(): void {
    clearTimeout(this.#timer);
    const [head] = this.#waiting.values();
    if (head === undefined) return;
    const { runTimeoutMs, loadTimeoutMs } = this.#limits;
    const limitMs = head.type === 'run' ? runTimeoutMs : head.type === 'load' ? loadTimeoutMs : STOP_TIMEOUT_MS;
    this.#timer = setTimeout(() => this.#end(late(limitMs)), limitMs);
  }

  #end(fault: Error): void {
    this.#fault ??= fault;
    this.kill();
  }

  #loseAll(how: string): void {
    const [head, ...behind] = this.#waiting.values();
    this.#waiting.clear();
    const tail = this.#stderr.trim();
    head?.reject(
      this.#fault ??
        inferenceErrors.INF_WORKER_LOST(`The process of the model ${how}.`, {
          data: { retryAfterSeconds: 1, ...(tail !== '' && { stderr: tail }) },
        }),
    );
    for (const waiting of behind) waiting.reject(new NotStartedError(`the process ${how}`));
  }
}

function late(limitMs: number): Error {
  return inferenceErrors.INF_RUN_TIMEOUT(`The model did not answer within ${limitMs} ms; its process was ended.`, {
    data: { limitMs, retryAfterSeconds: 1 },
  });
}

function greedy({ maxMemoryBytes }: ProcessLimits): Error {
  const mib = Math.round(maxMemoryBytes / 1024 ** 2);
  return inferenceErrors.INF_RUN_MEMORY(`The model took more than ${mib} MiB of memory; its process was ended.`, {
    data: { maxMemoryBytes, retryAfterSeconds: 1 },
  });
}
