import { messageOf } from '@fairlead/kernel';
import { inferenceErrors } from '../inference-errors.js';
import type { LoadedModel } from '../inference-types.js';
import { openRemoteModel, type RemoteModel, type RemoteModelOptions } from '../remote/open-remote-model.js';
import { type ProgramOptions, ProgramProcess } from './program-process.js';

/** The bytes of a model where a program can read them. */
export interface ModelOnDisk {
  readonly modelPath: string;
  /** A folder that was made for it; null: the bytes are where they always are. */
  readonly scratch: string | null;
  release(): Promise<void>;
}

export type ProgramModelOptions = Omit<ProgramOptions, 'modelPath' | 'scratch'> &
  Omit<RemoteModelOptions, 'url' | 'allowPrivate'> & {
    /** Asked before each start: gives the bytes that have the model's digest, or throws. */
    readonly openModel: () => Promise<ModelOnDisk>;
  };

export interface ProgramModel {
  readonly model: LoadedModel;
  /** Of the program's guard, which leads its process group; null while it is replaced. */
  pid(): number | null;
  /** Refuses new runs, lets accepted ones finish, then stops the program. */
  close(): Promise<void>;
}

const CHECK_MS = 5_000;
const FAILED_CHECKS = 3;
const MAX_RESTART_DELAY_MS = 10_000;

interface Running {
  readonly program: ProgramProcess;
  readonly remote: RemoteModel;
  /** When it has ended and nothing of it is left. */
  readonly gone: Promise<unknown>;
}

/**
 * A model that the user's own program serves (MLServer, `mlflow models serve`, any program): started, checked, restarted with back-off when it dies or no longer answers, drained before it is stopped.
 *
 * @throws INF_PROGRAM_FAILED, what openRemoteModel and `openModel` throw
 */
export async function openProgramModel(options: ProgramModelOptions): Promise<ProgramModel> {
  const served = new ServedProgram(options);
  const { model } = await served.start();
  return {
    model: Object.freeze({
      ...model,
      placement: 'program',
      run: (...args: Parameters<LoadedModel['run']>) => served.run(...args),
    }),
    pid: () => served.pid,
    close: () => served.close(),
  };
}

class ServedProgram {
  readonly #options: ProgramModelOptions;
  #running: Running | undefined;
  #underWay = 0;
  #closing = false;
  #deaths = 0;
  /** Why it could not be started again. */
  #why = '';
  #idle: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ProgramModelOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#running?.program.pid ?? null;
  }

  async start(): Promise<RemoteModel> {
    const { release, ...disk } = await this.#options.openModel();
    const program = await ProgramProcess.start({ ...this.#options, ...disk }).catch(async (cause) => {
      await release();
      throw inferenceErrors.INF_PROGRAM_FAILED(`The program of the model cannot serve: ${messageOf(cause)}.`, {
        cause,
      });
    });
    const gone = program.ended.then(release);
    const url = new URL(`http://127.0.0.1:${program.port}`);
    const remote = await openRemoteModel({ ...this.#options, url, allowPrivate: true }).catch(async (error) => {
      await program.stop();
      await gone;
      throw error;
    });
    const running = { program, remote, gone };
    this.#running = running;
    this.#why = '';
    void program.ended.then(() => this.#lost(running));
    this.#watch(running, 0);
    return remote;
  }

  async run(...args: Parameters<LoadedModel['run']>): ReturnType<LoadedModel['run']> {
    const running = this.#running;
    if (running === undefined || this.#closing) {
      throw inferenceErrors.INF_WORKER_LOST(`The program of the model is being started again${this.#why}.`, {
        data: { retryAfterSeconds: 1 },
      });
    }
    this.#underWay += 1;
    try {
      const result = await running.remote.model.run(...args);
      this.#deaths = 0;
      return result;
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await this.#running?.remote.close();
    await this.#running?.program.stop();
    await this.#running?.gone;
  }

  #watch(running: Running, failed: number): void {
    this.#timer = setTimeout(async () => {
      const well = await running.program.answers(this.#options.readyPath);
      if (this.#closing || this.#running !== running) return;
      // Its end is what starts the next one.
      if (!well && failed + 1 >= FAILED_CHECKS) running.program.kill();
      else this.#watch(running, well ? 0 : failed + 1);
    }, CHECK_MS).unref();
  }

  #lost(running: Running): void {
    void running.remote.close();
    if (this.#closing || this.#running !== running) return;
    this.#running = undefined;
    this.#again();
  }

  #again(): void {
    clearTimeout(this.#timer);
    const delayMs = Math.min(MAX_RESTART_DELAY_MS, 100 * 2 ** this.#deaths);
    this.#deaths += 1;
    this.#timer = setTimeout(async () => {
      await this.start().catch((error: unknown) => {
        this.#why = `: ${messageOf(error).slice(0, 300).replace(/\.$/, '')}`;
        if (!this.#closing) this.#again();
      });
      // Closed while it was being started.
      if (this.#closing) await this.#running?.program.stop();
    }, delayMs).unref();
  }
}
