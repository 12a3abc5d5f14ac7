import { inferenceErrors } from './inference-errors.js';
import type { Answers, Computed, RunCommand } from './inference-messages.js';
import type { WorkerStats } from './inference-types.js';
import type { ModelWorker, StartWorker } from './model-worker.js';

/** Two requests per worker keep it computing while an answer travels; more would only hide work from the queue. */
const MAX_IN_FLIGHT = 2;
const MAX_RESTART_DELAY_MS = 5000;
/** After so many losses without an answer, requests are refused until a worker is ready again. */
const HOPELESS_LOSSES = 3;

export interface ModelBytes {
  readonly path: string;
  /** sha256 that they must have. */
  readonly digest: string;
}

interface Slot {
  worker: ModelWorker;
  /** False while a lost worker is replaced and its models are loaded again. */
  ready: boolean;
  readonly models: Set<string>;
  restarts: number;
  /** Losses since the last answer, for the delay before the next start. */
  losses: number;
}

export interface WorkerPoolOptions {
  readonly size: number;
  readonly start: StartWorker;
  /** Called whenever a worker may have become free, or will never become free again. */
  onChange(): void;
}

/** A fixed number of workers that all hold the same models; a lost one is replaced. Starts with the first load. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #slots: Slot[] = [];
  /** What every worker should hold, by key. */
  readonly #wanted = new Map<string, ModelBytes>();
  #closing = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#options.size;
  }

  /** Loads into one worker after the other, so that the rest keep serving. All or nothing. */
  async load(key: string, { path, digest }: ModelBytes): Promise<Answers['load']> {
    this.#start();
    this.#wanted.set(key, { path, digest });
    try {
      let slowest: Answers['load'] | undefined;
      for (const slot of this.#slots) {
        if (!slot.ready || slot.models.has(key)) continue;
        const answer = await slot.worker.request({ type: 'load', key, path, digest });
        slot.models.add(key);
        if (slowest === undefined || answer.loadMs > slowest.loadMs) slowest = answer;
      }
      if (slowest !== undefined) return slowest;
      throw inferenceErrors.INF_WORKER_LOST('Every inference worker is being replaced.');
    } catch (error) {
      await this.unload(key);
      throw error;
    }
  }

  /** Frees the model everywhere; the caller has seen its last run end. */
  async unload(key: string): Promise<void> {
    this.#wanted.delete(key);
    for (const slot of this.#slots) {
      if (slot.models.delete(key)) await slot.worker.request({ type: 'unload', key }).catch(() => undefined);
    }
  }

  /** Hands the run to the least busy worker that holds the model; undefined when none has room. */
  run(command: RunCommand, transfer: readonly ArrayBuffer[]): Promise<Computed> | undefined {
    const slot = this.#free(command.key);
    return slot?.worker.request(command, transfer).then((answer) => {
      slot.losses = 0;
      return answer;
    });
  }

  #free(key: string): Slot | undefined {
    let best: Slot | undefined;
    for (const slot of this.#slots) {
      if (!slot.ready || !slot.models.has(key) || slot.worker.inFlight >= MAX_IN_FLIGHT) continue;
      if (best === undefined || slot.worker.inFlight < best.worker.inFlight) best = slot;
    }
    return best;
  }

  /** False when no worker holds the model and none is likely to soon: waiting would be in vain. */
  canServe(key: string): boolean {
    return this.#slots.some((slot) => (slot.ready ? slot.models.has(key) : slot.losses <= HOPELESS_LOSSES));
  }

  stats(): readonly WorkerStats[] {
    return this.#slots.map(({ ready, restarts, worker }) => ({
      ready,
      restarts,
      inFlight: worker.inFlight,
      pid: worker.pid,
    }));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#slots.map((slot) => slot.worker.stop()));
  }

  #start(): void {
    while (this.#slots.length < this.#options.size) {
      const slot: Slot = {
        worker: this.#options.start(() => this.#replace(slot)),
        ready: true,
        models: new Set(),
        restarts: 0,
        losses: 0,
      };
      this.#slots.push(slot);
    }
  }

  #replace(slot: Slot): void {
    slot.ready = false;
    slot.models.clear();
    if (this.#closing) return;
    this.#options.onChange();
    const delayMs = slot.losses === 0 ? 0 : Math.min(MAX_RESTART_DELAY_MS, 50 * 2 ** slot.losses);
    slot.losses++;
    setTimeout(() => void this.#restart(slot), delayMs).unref();
  }

  async #restart(slot: Slot): Promise<void> {
    if (this.#closing) return;
    slot.restarts++;
    const worker = this.#options.start(() => this.#replace(slot));
    slot.worker = worker;
    const refused = new Set<string>();
    for (let next = this.#missing(slot, refused); next !== undefined; next = this.#missing(slot, refused)) {
      const [key, bytes] = next;
      const loaded = await worker.request({ type: 'load', key, ...bytes }).then(
        () => true,
        () => false,
      );
      if (!worker.alive || this.#closing) return;
      if (!loaded) refused.add(key);
      else if (this.#wanted.has(key)) slot.models.add(key);
      else await worker.request({ type: 'unload', key }).catch(() => undefined);
    }
    // A process holds one model: without it there is nothing to be ready for, and the next one may be luckier.
    if (refused.size > 0 && worker.kill !== undefined) return worker.kill();
    slot.ready = true;
    this.#options.onChange();
  }

  #missing(slot: Slot, refused: ReadonlySet<string>): readonly [string, ModelBytes] | undefined {
    return [...this.#wanted].find(([key]) => !slot.models.has(key) && !refused.has(key));
  }
}
