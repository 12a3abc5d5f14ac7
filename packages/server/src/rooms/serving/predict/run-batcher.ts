import { inferenceErrors, type LoadedModel, type NamedTensor } from '../../../platform/inference/index.js';
import type { ExecutedRun } from '../routing/inference-counters.js';
import { servingErrors } from '../serving-errors.js';
import type { JointRuns } from './measure-joint-runs.js';
import { joinTensors, splitTensors } from './tensor-rows.js';

/** Rows in one shared run: more would make the first caller wait for the last one's rows. */
const MAX_ROWS = 256;

const NS_PER_MS = 1e6;

/** A shared run is kept below this, as its first caller waits for all of it. */
const SHARED_MS = 20;

/** With ms = runMs + rowMs · rows: when a row costs more than twice a run, sharing only makes the first wait for the last. */
const MAX_ROW_SHARE = 2;

export interface RunBatcherOptions {
  /** What shared runs cost, at first as measured when the model was loaded; undefined: rows may not share a run. */
  readonly joint: JointRuns | undefined;
  /** Shared runs that may be under way at once, as many as there are workers. */
  readonly lanes: number;
  /** Requests that may wait; more are refused with INF_OVERLOADED. Default 1024. */
  readonly maxWaiting?: number;
  /** How long a request may wait for its turn before SRV_WAITED_TOO_LONG. Default 10 s. */
  readonly maxWaitMs?: number;
  /** Told of every run that gave an answer. */
  readonly onRun?: (run: ExecutedRun) => void;
}

interface Waiting {
  readonly tensors: readonly NamedTensor[];
  readonly rows: number;
  readonly isGone: (() => boolean) | undefined;
  readonly sinceMs: number;
  resolve(run: BatchedRun): void;
  reject(error: unknown): void;
}

/** The outputs of a request and how long it waited and computed; rows that shared a run were computed together. */
export interface BatchedRun {
  readonly outputs: NamedTensor[];
  readonly queueMs: number;
  readonly computeMs: number;
}

/**
 * Runs of one model. Requests that arrive in one turn of the event loop, or while all lanes are busy, share the next run;
 * nobody waits for company. When a shared run fails, each of its requests runs again alone, so that only the caller whose
 * rows are at fault gets the error. Who has hung up or waited too long is not computed any more.
 */
export class RunBatcher {
  readonly #model: LoadedModel;
  readonly #options: RunBatcherOptions;
  readonly #line: Waiting[] = [];
  #busy = 0;
  #scheduled = false;

  constructor(model: LoadedModel, options: RunBatcherOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** All outputs for these inputs. @throws SRV_WAITED_TOO_LONG, SRV_CANCELLED and what {@link LoadedModel.run} throws */
  run(tensors: readonly NamedTensor[], rows: number, isGone?: () => boolean): Promise<BatchedRun> {
    const { maxWaiting = 1024 } = this.#options;
    if (!this.#shares() || rows >= MAX_ROWS || !isWhole(tensors, rows)) return this.#alone({ tensors, rows });
    if (this.#line.length >= maxWaiting) {
      return Promise.reject(
        inferenceErrors.INF_OVERLOADED(`${this.#line.length} requests wait for this model already.`, {
          data: { digest: this.#model.digest, queued: this.#line.length, retryAfterSeconds: 1 },
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#line.push({ tensors, rows, isGone, sinceMs: performance.now(), resolve, reject });
      this.#schedule();
    });
  }

  /** Asked anew for each request: what runs cost is learnt from those that were made. */
  #shares(): boolean {
    const cost = this.#options.joint?.cost;
    return cost !== undefined && cost.rowMs <= MAX_ROW_SHARE * cost.runMs;
  }

  #schedule(): void {
    if (this.#scheduled || this.#busy >= this.#options.lanes) return;
    this.#scheduled = true;
    // After the sockets that are readable in this turn were read.
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#line.length > 0 && this.#busy < this.#options.lanes) void this.#start(this.#take());
    });
  }

  #take(): Waiting[] {
    this.#dropLate();
    const most = Math.min(MAX_ROWS, this.#options.joint?.cost.rowsWithin(SHARED_MS) ?? 1);
    let rows = 0;
    let count = 0;
    for (const waiting of this.#line) {
      if (count > 0 && rows + waiting.rows > most) break;
      rows += waiting.rows;
      count += 1;
    }
    return this.#line.splice(0, count);
  }

  /** Those in front have waited longest, but anybody may have hung up. */
  #dropLate(): void {
    const { maxWaitMs = 10_000 } = this.#options;
    const latestMs = performance.now() - maxWaitMs;
    for (let i = this.#line.length - 1; i >= 0; i -= 1) {
      const { isGone, sinceMs, reject } = this.#line[i] as Waiting;
      const gone = isGone?.() === true;
      if (!gone && sinceMs >= latestMs) continue;
      this.#line.splice(i, 1);
      reject(gone ? servingErrors.SRV_CANCELLED('The caller hung up before its turn.') : waitedTooLong(maxWaitMs));
    }
  }

  async #start(batch: readonly Waiting[]): Promise<void> {
    this.#busy += 1;
    try {
      await this.#together(batch);
    } finally {
      this.#busy -= 1;
      if (this.#line.length > 0) this.#schedule();
    }
  }

  async #together(batch: readonly Waiting[]): Promise<void> {
    const [only] = batch;
    if (only === undefined) return;
    if (batch.length === 1) return this.#settleAlone(only);
    const startedMs = performance.now();
    try {
      const counts = batch.map(({ rows }) => rows);
      const rows = counts.reduce((sum, count) => sum + count, 0);
      const tensors = joinTensors(batch);
      const { outputs, queueNs, computeNs, otherNs } = await this.#compute(tensors, rows, startedMs);
      const endedMs = performance.now();
      const parts = splitTensors(outputs, counts);
      const waitedMs = batch.reduce((sum, { sinceMs }) => sum + startedMs - sinceMs, 0);
      this.#options.onRun?.({
        queueNs: waitedMs * NS_PER_MS + queueNs * batch.length,
        outputNs: (performance.now() - endedMs) * NS_PER_MS,
        ...{ requests: batch.length, rows, inputNs: otherNs, inferNs: computeNs },
      });
      const [queueMs, computeMs] = [queueNs / NS_PER_MS, computeNs / NS_PER_MS];
      batch.forEach(({ resolve, sinceMs }, i) => {
        resolve({ outputs: parts[i] as NamedTensor[], queueMs: queueMs + startedMs - sinceMs, computeMs });
      });
    } catch {
      await Promise.all(batch.map((waiting) => this.#settleAlone(waiting)));
    }
  }

  #settleAlone({ resolve, reject, ...waiting }: Waiting): Promise<void> {
    return this.#alone(waiting).then(resolve, reject);
  }

  async #alone({ tensors, rows, sinceMs }: Run): Promise<BatchedRun> {
    const startedMs = performance.now();
    const { outputs, queueNs, computeNs, otherNs } = await this.#compute(tensors, rows, startedMs);
    const waitedNs = (sinceMs === undefined ? 0 : startedMs - sinceMs) * NS_PER_MS + queueNs;
    const times = { queueNs: waitedNs, inputNs: otherNs, inferNs: computeNs, outputNs: 0 };
    this.#options.onRun?.({ requests: 1, rows, ...times });
    return { outputs, queueMs: waitedNs / NS_PER_MS, computeMs: computeNs / NS_PER_MS };
  }

  /** One run; `otherNs` is what it took since `startedMs` besides waiting and computing. */
  async #compute(tensors: readonly NamedTensor[], rows: number, startedMs: number) {
    const { outputs, queueNs, computeNs } = await this.#model.run(tensors);
    const { joint } = this.#options;
    joint?.cost.add({ rows, ms: joint.hopMs + computeNs / NS_PER_MS });
    const otherNs = (performance.now() - startedMs) * NS_PER_MS - queueNs - computeNs;
    return { outputs, queueNs, computeNs, otherNs };
  }
}

type Run = Pick<Waiting, 'tensors' | 'rows'> & Partial<Pick<Waiting, 'sinceMs'>>;

const waitedTooLong = (maxWaitMs: number) =>
  servingErrors.SRV_WAITED_TOO_LONG(`The request waited ${maxWaitMs} ms for its turn and was not computed.`, {
    data: { maxWaitMs, retryAfterSeconds: 1 },
  });

/** False for tensors that cannot be joined by rows; alone they get the answer, or the error, that is theirs. */
function isWhole(tensors: readonly NamedTensor[], rows: number): boolean {
  return (
    rows > 0 &&
    tensors.every(({ shape: [first, width = 0, ...more], columns, data }) => {
      const fits = first === rows && width === (columns?.length ?? 1) && more.length === 0;
      return fits && data.length === rows * width;
    })
  );
}
