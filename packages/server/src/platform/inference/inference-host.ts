import { availableParallelism } from 'node:os';
import { workerEntry } from '../compute/index.js';
import { checkInputs, checkOutputs } from './check-inputs.js';
import { inferenceErrors } from './inference-errors.js';
import type { InferenceHost, InferenceStats, LoadedModel, ModelFile } from './inference-types.js';
import { probeModel } from './probe-model.js';
import { RunQueue } from './run-queue.js';
import { WorkerPool } from './worker-pool.js';

export interface InferenceHostOptions {
  /** Threads, each with its own copy of every model. Default: one less than the cores, 1 to 4. */
  readonly workers?: number;
  /** Runs that may wait per model before INF_OVERLOADED. Default 256. */
  readonly maxQueuePerModel?: number;
  /** Default 30 s. */
  readonly probeTimeoutMs?: number;
  /** Default: see probeModel. */
  readonly probeMemoryBytes?: number;
  /**
   * True for a host that opens nothing but what this process has just written itself: files are not tried in a process of
   * their own first, which costs two process starts in every fit. Default false.
   */
  readonly trusted?: boolean;
  /** The worker's compiled file; tests put their own in front of it. */
  readonly workerEntry?: URL;
}

interface Entry {
  readonly model: LoadedModel;
  readonly queue: RunQueue;
  /** Cleared by unload and close. */
  accepting: boolean;
}

/** Runs ONNX models in worker threads. No thread starts and no runtime is loaded before the first `load`. */
export function createInferenceHost(options: InferenceHostOptions = {}): InferenceHost {
  const host = new WorkerHost(options);
  return {
    load: (file) => host.load(file),
    unload: (digest) => host.unload(digest),
    loaded: () => host.loaded(),
    stats: () => host.stats(),
    close: () => host.close(),
  };
}

class WorkerHost implements InferenceHost {
  readonly #options: InferenceHostOptions;
  readonly #pool: WorkerPool;
  readonly #entries = new Map<string, Entry>();
  readonly #probed = new Set<string>();
  /** Loads and unloads of one digest follow each other. */
  readonly #changes = new Map<string, Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(options: InferenceHostOptions) {
    this.#options = options;
    this.#pool = new WorkerPool({
      size: options.workers ?? Math.min(4, Math.max(1, availableParallelism() - 1)),
      entry: options.workerEntry ?? workerEntry(import.meta.url, 'inference-worker.js'),
      onChange: () => this.#pump(),
    });
  }

  load(file: ModelFile): Promise<LoadedModel> {
    return this.#change(file.digest, async () => {
      this.#refuseWhenClosed();
      const present = this.#entries.get(file.digest);
      if (present !== undefined) return present.model;
      await this.#probe(file);
      const { description, loadMs } = await this.#pool.load(file.digest, file.path);
      const queue = new RunQueue(this.#pool, file.digest, this.#options.maxQueuePerModel ?? 256);
      const model: LoadedModel = Object.freeze({
        ...description,
        loadMs,
        run: (...[inputs, runOptions]: Parameters<LoadedModel['run']>) => this.#run(entry, inputs, runOptions),
      });
      const entry: Entry = { model, queue, accepting: this.#closed === undefined };
      this.#entries.set(file.digest, entry);
      return model;
    });
  }

  unload(digest: string): Promise<void> {
    return this.#change(digest, async () => {
      const entry = this.#entries.get(digest);
      if (entry === undefined) return;
      entry.accepting = false;
      await entry.queue.idle();
      this.#entries.delete(digest);
      await this.#pool.unload(digest);
    });
  }

  loaded(): readonly LoadedModel[] {
    return [...this.#entries.values()].filter((entry) => entry.accepting).map((entry) => entry.model);
  }

  stats(): InferenceStats {
    return { workers: this.#pool.stats(), models: [...this.#entries.values()].map((entry) => entry.queue.stats()) };
  }

  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  async #drain(): Promise<void> {
    for (const entry of this.#entries.values()) entry.accepting = false;
    await Promise.allSettled(this.#changes.values());
    await Promise.all([...this.#entries.values()].map((entry) => entry.queue.idle()));
    await this.#pool.close();
    this.#entries.clear();
  }

  #refuseWhenClosed(): void {
    if (this.#closed !== undefined) throw inferenceErrors.INF_NOT_LOADED('The inference host is shutting down.');
  }

  #change<T>(digest: string, work: () => Promise<T>): Promise<T> {
    const previous = this.#changes.get(digest) ?? Promise.resolve();
    const next = previous.then(work, work);
    this.#changes.set(digest, next);
    const forget = () => {
      if (this.#changes.get(digest) === next) this.#changes.delete(digest);
    };
    next.then(forget, forget);
    return next;
  }

  async #probe({ path, digest, goldenInputs }: ModelFile): Promise<void> {
    if (this.#options.trusted || this.#probed.has(digest)) return;
    const { probeTimeoutMs, probeMemoryBytes } = this.#options;
    const probed = await probeModel(path, {
      ...(probeTimeoutMs !== undefined && { timeoutMs: probeTimeoutMs }),
      ...(probeMemoryBytes !== undefined && { maxMemoryBytes: probeMemoryBytes }),
      ...(goldenInputs !== undefined && { goldenInputs }),
      expectedDigest: digest,
    });
    this.#probed.add(probed.digest);
  }

  async #run(entry: Entry, ...[inputs, options = {}]: Parameters<LoadedModel['run']>) {
    const { model, queue } = entry;
    if (!entry.accepting) throw inferenceErrors.INF_NOT_LOADED(`Model ${model.digest} was unloaded.`);
    checkInputs(model, inputs);
    const outputs = checkOutputs(model, options.outputs);
    const result = queue.push({
      command: { type: 'run', digest: model.digest, inputs, outputs },
      signal: options.signal,
      transferInputs: options.transferInputs ?? false,
    });
    this.#pump();
    return result.finally(() => this.#pump());
  }

  /** Gives every model one turn after the other, so that a long line of one does not starve the rest. */
  #pump(): void {
    let moved = true;
    while (moved) {
      moved = false;
      for (const { queue } of this.#entries.values()) moved = queue.advance() || moved;
    }
  }
}
