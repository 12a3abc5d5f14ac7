import { inferenceErrors } from './inference-errors.js';
import type { Answers, Computed, RunCommand } from './inference-messages.js';
import { WorkerThread } from './worker-thread.js';

/** Two requests per worker keep it computing while an answer travels; more would only hide work from the queue. */
const MAX_IN_FLIGHT = 2;
const MAX_RESTART_DELAY_MS = 5000;

interface Slot {
  thread: WorkerThread;
  /** False while a lost worker is replaced and its models are loaded again. */
  ready: boolean;
  readonly models: Set<string>;
  restarts: number;
  /** Losses since the last answer, for the delay before the next start. */
  losses: number;
}

export interface WorkerPoolOptions {
  readonly size: number;
  readonly entry: URL;
  /** Called whenever a worker may have become free, or will never become free again. */
  onChange(): void;
}

/** A fixed number of workers that all hold the same models; a lost one is replaced. Starts with the first load. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #slots: Slot[] = [];
  /** What every worker should hold: digest → path. */
  readonly #wanted = new Map<string, string>();
  #closing = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Loads into one worker after the other, so that the rest keep serving. All or nothing. */
  async load(digest: string, path: string): Promise<Answers['load']> {
    this.#start();
    this.#wanted.set(digest, path);
    try {
      let slowest: Answers['load'] | undefined;
      for (const slot of this.#slots) {
        if (!slot.ready || slot.models.has(digest)) continue;
        const answer = await slot.thread.request({ type: 'load', digest, path });
        slot.models.add(digest);
        if (slowest === undefined || answer.loadMs > slowest.loadMs) slowest = answer;
      }
      if (slowest !== undefined) return slowest;
      throw inferenceErrors.INF_WORKER_LOST('Every inference worker is being replaced.');
    } catch (error) {
      await this.unload(digest);
      throw error;
    }
  }

  /** Frees the model everywhere; the caller has seen its last run end. */
  async unload(digest: string): Promise<void> {
    this.#wanted.delete(digest);
    for (const slot of this.#slots) {
      if (slot.models.delete(digest)) await slot.thread.request({ type: 'unload', digest }).catch(() => undefined);
    }
  }

  /** Hands the run to the least busy worker that holds the model; undefined when none has room. */
  run(command: RunCommand, transfer: readonly ArrayBuffer[]): Promise<Computed> | undefined {
    const slot = this.#free(command.digest);
    return slot?.thread.request(command, transfer).then((answer) => {
      slot.losses = 0;
      return answer;
    });
  }

  #free(digest: string): Slot | undefined {
    let best: Slot | undefined;
    for (const slot of this.#slots) {
      if (!slot.ready || !slot.models.has(digest) || slot.thread.inFlight >= MAX_IN_FLIGHT) continue;
      if (best === undefined || slot.thread.inFlight < best.thread.inFlight) best = slot;
    }
    return best;
  }

  /** False when no worker holds the model and none is being replaced: waiting would be in vain. */
  canServe(digest: string): boolean {
    return this.#slots.some((slot) => !slot.ready || slot.models.has(digest));
  }

  stats(): readonly { readonly ready: boolean; readonly inFlight: number; readonly restarts: number }[] {
    return this.#slots.map(({ ready, restarts, thread }) => ({ ready, restarts, inFlight: thread.inFlight }));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#slots.map((slot) => slot.thread.stop()));
  }

  #start(): void {
    while (this.#slots.length < this.#options.size) {
      const slot: Slot = {
        thread: new WorkerThread(this.#options.entry, () => this.#replace(slot)),
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
    const thread = new WorkerThread(this.#options.entry, () => this.#replace(slot));
    slot.thread = thread;
    const refused = new Set<string>();
    for (let next = this.#missing(slot, refused); next !== undefined; next = this.#missing(slot, refused)) {
      const [digest, path] = next;
      const loaded = await thread.request({ type: 'load', digest, path }).then(
        () => true,
        () => false,
      );
      if (!thread.alive || this.#closing) return;
      if (!loaded) refused.add(digest);
      else if (this.#wanted.has(digest)) slot.models.add(digest);
      else await thread.request({ type: 'unload', digest }).catch(() => undefined);
    }
    slot.ready = true;
    this.#options.onChange();
  }

  #missing(slot: Slot, refused: ReadonlySet<string>): readonly [string, string] | undefined {
    return [...this.#wanted].find(([digest]) => !slot.models.has(digest) && !refused.has(digest));
  }
}
