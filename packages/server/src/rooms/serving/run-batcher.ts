import { inferenceErrors, type LoadedModel, type NamedTensor } from '../../platform/inference/index.js';
import { joinTensors, splitTensors } from './tensor-rows.js';

/** Rows in one shared run: more would make the first caller wait for the last one's rows. */
const MAX_ROWS = 256;

export interface RunBatcherOptions {
  /** Whether rows may share a run: see measure-joint-runs.ts. */
  readonly joint: boolean;
  /** Shared runs that may be under way at once, as many as there are workers. */
  readonly lanes: number;
  /** Requests that may wait; more are refused with INF_OVERLOADED. Default 1024. */
  readonly maxWaiting?: number;
}

interface Waiting {
  readonly tensors: readonly NamedTensor[];
  readonly rows: number;
  resolve(outputs: NamedTensor[]): void;
  reject(error: unknown): void;
}

/**
 * Runs of one model. Requests that arrive in one turn of the event loop, or while all lanes are busy, share the next run;
 * nobody waits for company. When a shared run fails, each of its requests runs again alone, so that only the caller whose
 * rows are at fault gets the error.
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

  /** All outputs for these inputs. @throws what {@link LoadedModel.run} throws */
  run(tensors: readonly NamedTensor[], rows: number): Promise<NamedTensor[]> {
    const { joint, maxWaiting = 1024 } = this.#options;
    if (!joint || rows >= MAX_ROWS || !isWhole(tensors, rows)) return this.#alone(tensors);
    if (this.#line.length >= maxWaiting) {
      return Promise.reject(
        inferenceErrors.INF_OVERLOADED(`${this.#line.length} requests wait for this model already.`, {
          data: { digest: this.#model.digest, queued: this.#line.length, retryAfterSeconds: 1 },
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#line.push({ tensors, rows, resolve, reject });
      this.#schedule();
    });
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
    let rows = 0;
    let count = 0;
    for (const waiting of this.#line) {
      if (count > 0 && rows + waiting.rows > MAX_ROWS) break;
      rows += waiting.rows;
      count += 1;
    }
    return this.#line.splice(0, count);
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
    try {
      const outputs = await this.#alone(joinTensors(batch));
      const parts = splitTensors(
        outputs,
        batch.map(({ rows }) => rows),
      );
      batch.forEach((waiting, i) => {
        waiting.resolve(parts[i] as NamedTensor[]);
      });
    } catch {
      await Promise.all(batch.map((waiting) => this.#settleAlone(waiting)));
    }
  }

  #settleAlone({ tensors, resolve, reject }: Waiting): Promise<void> {
    return this.#alone(tensors).then(resolve, reject);
  }

  async #alone(tensors: readonly NamedTensor[]): Promise<NamedTensor[]> {
    return (await this.#model.run(tensors)).outputs;
  }
}

/** False for tensors that cannot be joined by rows; alone they get the answer, or the error, that is theirs. */
function isWhole(tensors: readonly NamedTensor[], rows: number): boolean {
  return (
    rows > 0 &&
    tensors.every(
      ({ shape, data }) => shape.length === 2 && shape[0] === rows && shape[1] === 1 && data.length === rows,
    )
  );
}
