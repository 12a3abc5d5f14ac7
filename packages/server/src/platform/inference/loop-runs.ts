import { setImmediate as turn } from 'node:timers';
import type { ModelDescription, NamedTensor, RunResult, TensorData } from './inference-types.js';
import { LOOP_BUDGET_MS, rowsOnLoop } from './loop-rules.js';
import type { OpenModel } from './open-onnx-model.js';
import { type MeasuredRun, RunCost } from './run-cost.js';

/** Work that may wait on the loop; what comes beyond goes to the threads. */
const MAX_WAITING_MS = 4 * LOOP_BUDGET_MS;
const SIZES = [1, 8, 32];
const ROUNDS = 10;

/**
 * A session on the event loop, for runs that are shorter than the way to a thread and back. `session.run` blocks the thread it
 * is called in, so only runs that the measured cost foresees below {@link LOOP_BUDGET_MS} are taken.
 */
export class LoopRuns {
  readonly #model: OpenModel;
  readonly #cost: RunCost;
  #waitingMs = 0;
  #running = 0;
  #runs = 0;
  #failures = 0;
  #idle: (() => void)[] = [];

  private constructor(model: OpenModel, cost: RunCost) {
    this.#model = model;
    this.#cost = cost;
  }

  /** Undefined when no run is short enough, or rows are not the first dimension of all tensors. */
  static async measure(model: OpenModel, golden: readonly NamedTensor[]): Promise<LoopRuns | undefined> {
    const { description } = model;
    if (!isByRow(description) || golden.length === 0) return undefined;
    const outputs = description.outputs.map(({ name }) => name);
    const measured: MeasuredRun[] = [];
    for (const rows of SIZES) {
      const inputs = golden.map((tensor) => repeatRows(tensor, rows));
      let ms = Infinity;
      for (let round = 0; round < ROUNDS; round += 1) ms = Math.min(ms, (await timed(model, inputs, outputs)).ms);
      measured.push({ rows, ms });
      if (ms > 4 * LOOP_BUDGET_MS) break;
    }
    const cost = new RunCost(measured);
    return measured.length > 1 && rowsOnLoop(cost) > 0 ? new LoopRuns(model, cost) : undefined;
  }

  /** Whether a run of so many rows may be made here now. */
  takes(rows: number): boolean {
    return rows <= rowsOnLoop(this.#cost) && this.#waitingMs + this.#cost.msOf(rows) <= MAX_WAITING_MS;
  }

  /** @throws INF_RUN_FAILED */
  async run(inputs: readonly NamedTensor[], outputs: readonly string[]): Promise<RunResult> {
    const rows = inputs[0]?.shape[0] ?? 1;
    const foreseenMs = this.#cost.msOf(rows);
    const calledMs = performance.now();
    this.#running += 1;
    this.#waitingMs += foreseenMs;
    try {
      const { outputs: tensors, ms, startedMs } = await timed(this.#model, inputs, outputs);
      this.#cost.add({ rows, ms });
      this.#runs += 1;
      return { outputs: tensors, computeNs: ms * 1e6, queueNs: Math.max(0, startedMs - calledMs) * 1e6 };
    } catch (error) {
      this.#failures += 1;
      throw error;
    } finally {
      this.#running -= 1;
      this.#waitingMs = this.#running === 0 ? 0 : this.#waitingMs - foreseenMs;
      if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  stats() {
    return { inFlight: this.#running, runs: this.#runs, failures: this.#failures };
  }

  idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  release(): Promise<void> {
    return this.#model.release();
  }
}

/** The runtime computes in an immediate of its own; one that was queued just before it starts the clock. */
async function timed(model: OpenModel, inputs: readonly NamedTensor[], outputs: readonly string[]) {
  let startedMs = performance.now();
  turn(() => {
    startedMs = performance.now();
  });
  const tensors = await model.run(inputs, outputs);
  return { outputs: tensors, startedMs, ms: performance.now() - startedMs };
}

function isByRow({ inputs, outputs }: ModelDescription): boolean {
  return [...inputs, ...outputs].every(({ shape }) => shape[0] === -1);
}

/** So many rows, those of the tensor again and again. */
function repeatRows(tensor: NamedTensor, rows: number): NamedTensor {
  const [present = 1, ...rest] = tensor.shape;
  const width = tensor.data.length / present;
  const source = tensor.data as ArrayLike<unknown>;
  const cell = (at: number) => source[at % (present * width)];
  const length = rows * width;
  const data = Array.isArray(tensor.data)
    ? Array.from({ length }, (_, at) => cell(at) as string)
    : (
        tensor.data.constructor as unknown as { from(of: object, map: (_: unknown, at: number) => unknown): TensorData }
      ).from({ length }, (_, at) => cell(at));
  return { ...tensor, shape: [rows, ...rest], data };
}
