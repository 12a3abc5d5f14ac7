import { availableParallelism } from 'node:os';
import { workerEntry } from '../compute/index.js';
import { checkInputs, checkOutputs, isJoined } from './check-inputs.js';
import { inferenceErrors } from './inference-errors.js';
import type {
  InferenceHost,
  InferenceStats,
  LoadedModel,
  ModelFile,
  ModelHosting,
  NamedTensor,
  ProbedFacts,
} from './inference-types.js';
import { mayRunOnLoop } from './loop-rules.js';
import { LoopRuns } from './loop-runs.js';
import { ModelProcess } from './model-process.js';
import { choosePlacement, type Placement } from './placement-rules.js';
import { probeModel, usualMemory } from './probe-model.js';
import { refuseTelemetry } from './refuse-telemetry.js';
import { RunQueue } from './run-queue.js';
import { WorkerPool } from './worker-pool.js';
import { WorkerThread } from './worker-thread.js';

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
  /** Of models that ask for nothing else; `placement` absent: see choosePlacement. */
  readonly hosting?: ModelHosting;
  /**
   * True where requests wait for single rows: models that are cheap and bounded (loop-rules.ts) then also compute on the event
   * loop, without the way to a thread and back. Default false.
   */
  readonly useLoop?: boolean;
  /** The worker's compiled file; tests put their own in front of it. */
  readonly workerEntry?: URL;
  /** The same of a model's own process. */
  readonly processEntry?: URL;
}

interface Entry {
  readonly key: string;
  readonly pool: WorkerPool;
  readonly placement: Placement;
  readonly model: LoadedModel;
  readonly queue: RunQueue;
  /** Short runs compute here; undefined: none is short enough. */
  readonly loop: LoopRuns | undefined;
  /** Cleared by unload and close. */
  accepting: boolean;
}

const RUN_TIMEOUT_MS = 30_000;
const LOAD_TIMEOUT_MS = 30_000;

const keyOf = (digest: string, instance = '') => (instance === '' ? digest : `${digest}#${instance}`);

/** Runs ONNX models in worker threads, and those that may not be trusted with them in processes of their own. No thread starts and no runtime is loaded before the first `load`. */
export function createInferenceHost(options: InferenceHostOptions = {}): InferenceHost {
  const host = new WorkerHost(options);
  return {
    load: (file) => host.load(file),
    unload: (digest, instance) => host.unload(digest, instance),
    loaded: () => host.loaded(),
    probed: (digest) => host.probed(digest),
    learn: (digest, facts) => host.learn(digest, facts),
    stats: () => host.stats(),
    close: () => host.close(),
  };
}

class WorkerHost implements InferenceHost {
  readonly #options: InferenceHostOptions;
  readonly #pool: WorkerPool;
  readonly #entries = new Map<string, Entry>();
  /** What was learnt of each digest. */
  readonly #probed = new Map<string, ProbedFacts>();
  /** Loads and unloads of one digest follow each other. */
  readonly #changes = new Map<string, Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(options: InferenceHostOptions) {
    this.#options = options;
    const entry = options.workerEntry ?? workerEntry(import.meta.url, 'inference-worker.js');
    this.#pool = new WorkerPool({
      size: options.workers ?? Math.min(4, Math.max(1, availableParallelism() - 1)),
      start: (onLost) => new WorkerThread(entry, onLost),
      onChange: () => this.#pump(),
    });
  }

  load(file: ModelFile): Promise<LoadedModel> {
    const key = keyOf(file.digest, file.instance);
    return this.#change(key, async () => {
      this.#refuseWhenClosed();
      const present = this.#entries.get(key);
      if (present !== undefined) return present.model;
      const probed = await this.#probe(file);
      const hosting = { ...this.#options.hosting, ...file.hosting };
      const placement = choosePlacement({ ...probed, configured: hosting.placement });
      const pool = placement === 'thread' ? this.#pool : this.#ownPool(file.path, hosting);
      const { description, loadMs } = await pool.load(key, file).catch(async (error) => {
        if (pool !== this.#pool) await pool.close();
        throw error;
      });
      const loop = placement === 'thread' ? await this.#openOnLoop(file, probed) : undefined;
      const maxQueued = hosting.maxQueue ?? this.#options.maxQueuePerModel ?? 256;
      const model: LoadedModel = Object.freeze({
        ...description,
        loadMs,
        placement,
        lanes: pool.size,
        run: (...[inputs, runOptions]: Parameters<LoadedModel['run']>) => this.#run(entry, inputs, runOptions),
      });
      const queue = new RunQueue(pool, { digest: file.digest, key }, maxQueued);
      const entry: Entry = { key, model, queue, loop, pool, placement, accepting: this.#closed === undefined };
      this.#entries.set(key, entry);
      return model;
    });
  }

  unload(digest: string, instance?: string): Promise<void> {
    const key = keyOf(digest, instance);
    return this.#change(key, async () => {
      const entry = this.#entries.get(key);
      if (entry === undefined) return;
      entry.accepting = false;
      await Promise.all([entry.queue.idle(), entry.loop?.idle()]);
      this.#entries.delete(key);
      await entry.loop?.release();
      await (entry.pool === this.#pool ? entry.pool.unload(key) : entry.pool.close());
    });
  }

  loaded(): readonly LoadedModel[] {
    return [...this.#entries.values()].filter((entry) => entry.accepting).map((entry) => entry.model);
  }

  probed(digest: string): ProbedFacts | undefined {
    return this.#probed.get(digest);
  }

  learn(digest: string, facts: ProbedFacts): void {
    this.#probed.set(digest, facts);
  }

  stats(): InferenceStats {
    return {
      workers: this.#pool.stats(),
      models: [...this.#entries.values()].map(({ queue, loop, pool, placement }) => ({
        ...withLoop(queue.stats(), loop),
        placement,
        processes: pool === this.#pool ? [] : pool.stats(),
      })),
    };
  }

  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  async #drain(): Promise<void> {
    for (const entry of this.#entries.values()) entry.accepting = false;
    await Promise.allSettled(this.#changes.values());
    await Promise.all([...this.#entries.values()].flatMap(({ queue, loop }) => [queue.idle(), loop?.idle()]));
    const pools = new Set([this.#pool, ...[...this.#entries.values()].map(({ pool }) => pool)]);
    await Promise.all([...pools].map((pool) => pool.close()));
    for (const { loop } of this.#entries.values()) await loop?.release();
    this.#entries.clear();
  }

  #refuseWhenClosed(): void {
    if (this.#closed !== undefined) throw inferenceErrors.INF_NOT_LOADED('The inference host is shutting down.');
  }

  #change<T>(key: string, work: () => Promise<T>): Promise<T> {
    const previous = this.#changes.get(key) ?? Promise.resolve();
    const next = previous.then(work, work);
    this.#changes.set(key, next);
    const forget = () => {
      if (this.#changes.get(key) === next) this.#changes.delete(key);
    };
    next.then(forget, forget);
    return next;
  }

  /** Processes for one model alone. */
  #ownPool(path: string, { processes, runTimeoutMs, maxMemoryBytes }: ModelHosting): WorkerPool {
    const limits = {
      runTimeoutMs: runTimeoutMs ?? RUN_TIMEOUT_MS,
      loadTimeoutMs: this.#options.probeTimeoutMs ?? LOAD_TIMEOUT_MS,
      maxMemoryBytes: maxMemoryBytes ?? usualMemory(path),
    };
    const entry = this.#options.processEntry ?? workerEntry(import.meta.url, 'process-worker.js');
    return new WorkerPool({
      size: processes ?? 1,
      start: (onLost) => new ModelProcess(entry, limits, onLost),
      onChange: () => this.#pump(),
    });
  }

  async #probe({ path, digest, goldenInputs }: ModelFile): Promise<ProbedFacts> {
    if (this.#options.trusted) return { operators: [], costMs: undefined, sizeBytes: 0 };
    const known = this.#probed.get(digest);
    if (known !== undefined) return known;
    const { probeTimeoutMs, probeMemoryBytes } = this.#options;
    const probed = await probeModel(path, {
      ...(probeTimeoutMs !== undefined && { timeoutMs: probeTimeoutMs }),
      ...(probeMemoryBytes !== undefined && { maxMemoryBytes: probeMemoryBytes }),
      ...(goldenInputs !== undefined && { goldenInputs }),
      expectedDigest: digest,
    });
    const { operators, costMs, sizeBytes } = probed;
    this.#probed.set(digest, { operators, costMs, sizeBytes });
    return { operators, costMs, sizeBytes };
  }

  /** A model that cannot be opened or measured here computes in the threads, as it has proved it can. */
  async #openOnLoop({ path, digest, goldenInputs }: ModelFile, probed: ProbedFacts): Promise<LoopRuns | undefined> {
    if (this.#options.useLoop !== true || goldenInputs === undefined || !mayRunOnLoop(probed)) return undefined;
    refuseTelemetry();
    const { openOnnxModel } = await import('./open-onnx-model.js');
    const open = await openOnnxModel(path, digest).catch(() => undefined);
    if (open === undefined) return undefined;
    const loop = await LoopRuns.measure(open, goldenInputs).catch(() => undefined);
    if (loop === undefined) await open.release();
    return loop;
  }

  async #run(entry: Entry, ...[inputs, options = {}]: Parameters<LoadedModel['run']>) {
    const { model, queue, key } = entry;
    if (!entry.accepting) throw inferenceErrors.INF_NOT_LOADED(`Model ${model.digest} was unloaded.`);
    checkInputs(model, inputs);
    const outputs = checkOutputs(model, options.outputs);
    if (entry.loop?.takes(inputs[0]?.shape[0] ?? 1) === true && options.signal?.aborted !== true) {
      return entry.loop.run(inputs, outputs);
    }
    const result = queue.push({
      command: { type: 'run', key, inputs: isJoined(model, inputs) ? inputs.map(withoutColumns) : inputs, outputs },
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

/** Checked, the names need not travel. */
const withoutColumns = ({ columns: _, ...tensor }: NamedTensor): NamedTensor => tensor;

function withLoop(stats: ReturnType<RunQueue['stats']>, loop: LoopRuns | undefined) {
  const here = loop?.stats() ?? { inFlight: 0, runs: 0, failures: 0 };
  return {
    ...stats,
    inFlight: stats.inFlight + here.inFlight,
    runs: stats.runs + here.runs,
    failures: stats.failures + here.failures,
  };
}
