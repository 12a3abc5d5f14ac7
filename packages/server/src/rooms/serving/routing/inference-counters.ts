/** How often something was done and how long it took in all. */
export interface Duration {
  readonly count: number;
  readonly ns: number;
}

/** One run of a model, perhaps for several requests. Times in nanoseconds. */
export interface ExecutedRun {
  readonly requests: number;
  readonly rows: number;
  /** The waiting of all its requests together. */
  readonly queueNs: number;
  /** Putting rows of several requests together, and the way to the runtime and back. */
  readonly inputNs: number;
  readonly inferNs: number;
  /** Giving each request its rows. */
  readonly outputNs: number;
}

/** What the Open Inference Protocol calls statistics, of one deployment since it was loaded. */
export interface InferenceStatistics {
  /** Epoch ms; 0: none. */
  readonly lastInferenceMs: number;
  /** Rows that were computed. */
  readonly inferenceCount: number;
  /** Runs that computed them. */
  readonly executionCount: number;
  readonly success: Duration;
  readonly fail: Duration;
  readonly queue: Duration;
  readonly computeInput: Duration;
  readonly computeInfer: Duration;
  readonly computeOutput: Duration;
  /** By rows in a run, ascending. */
  readonly batches: readonly {
    readonly rows: number;
    readonly computeInput: Duration;
    readonly computeInfer: Duration;
    readonly computeOutput: Duration;
  }[];
}

class Sum {
  count = 0;
  ns = 0;

  add(count: number, ns: number): void {
    this.count += count;
    this.ns += Math.max(0, Math.round(ns));
  }

  merge({ count, ns }: Duration): void {
    this.count += count;
    this.ns += ns;
  }

  read(): Duration {
    return { count: this.count, ns: this.ns };
  }
}

type CountedParts = Pick<InferenceStatistics, 'computeInput' | 'computeInfer' | 'computeOutput'>;

/** Three parts of computing. */
class Parts {
  readonly input = new Sum();
  readonly infer = new Sum();
  readonly output = new Sum();

  /** `times` requests that each took what the run took. */
  add({ inputNs, inferNs, outputNs }: ExecutedRun, times: number): void {
    this.input.add(times, inputNs * times);
    this.infer.add(times, inferNs * times);
    this.output.add(times, outputNs * times);
  }

  merge({ computeInput, computeInfer, computeOutput }: CountedParts): void {
    this.input.merge(computeInput);
    this.infer.merge(computeInfer);
    this.output.merge(computeOutput);
  }

  read(): CountedParts {
    return { computeInput: this.input.read(), computeInfer: this.infer.read(), computeOutput: this.output.read() };
  }
}

/** Batch sizes that are counted one by one; runs of other sizes count as the last of them. */
const MAX_SIZES = 1024;

/** Counts the runs and requests of one deployment. */
export class InferenceCounters {
  readonly #success = new Sum();
  readonly #fail = new Sum();
  readonly #queue = new Sum();
  readonly #parts = new Parts();
  readonly #batches = new Map<number, Parts>();
  #lastInferenceMs = 0;
  #rows = 0;
  #runs = 0;

  executed(run: ExecutedRun, atMs: number): void {
    this.#lastInferenceMs = atMs;
    this.#rows += run.rows;
    this.#runs += 1;
    this.#queue.add(run.requests, run.queueNs);
    this.#parts.add(run, run.requests);
    this.#batchOf(run.rows).add(run, 1);
  }

  answered(ok: boolean, latencyMs: number): void {
    (ok ? this.#success : this.#fail).add(1, latencyMs * 1e6);
  }

  /** Adds what another process counted. */
  merge(counted: InferenceStatistics): void {
    this.#lastInferenceMs = Math.max(this.#lastInferenceMs, counted.lastInferenceMs);
    this.#rows += counted.inferenceCount;
    this.#runs += counted.executionCount;
    this.#success.merge(counted.success);
    this.#fail.merge(counted.fail);
    this.#queue.merge(counted.queue);
    this.#parts.merge(counted);
    for (const { rows, ...parts } of counted.batches) this.#batchOf(rows).merge(parts);
  }

  #batchOf(rows: number): Parts {
    const size = this.#batches.has(rows) || this.#batches.size < MAX_SIZES ? rows : MAX_SIZES;
    const batch = this.#batches.get(size) ?? new Parts();
    this.#batches.set(size, batch);
    return batch;
  }

  read(): InferenceStatistics {
    return {
      lastInferenceMs: this.#lastInferenceMs,
      inferenceCount: this.#rows,
      executionCount: this.#runs,
      success: this.#success.read(),
      fail: this.#fail.read(),
      queue: this.#queue.read(),
      ...this.#parts.read(),
      batches: [...this.#batches].sort(([a], [b]) => a - b).map(([rows, parts]) => ({ rows, ...parts.read() })),
    };
  }
}
