import { servingErrors } from '../serving-errors.js';
import type { CaptureEntry } from './capture-types.js';
import { type Blocks, GatheredRows } from './gathered-rows.js';

interface Waiting {
  readonly entry: CaptureEntry;
  readonly sinceMs: number;
  isLate: boolean;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Requests of mode `sync`, whose answers wait until their rows are appended: first gathered, then taken by an append. Who has waited too
 * long is refused; a disk that does not answer cannot be told to forget a write, so {@link blocks} gives the rows again as what became
 * of them, for the log not to say that an answer was given.
 */
export class AppendWaits {
  readonly #timeoutMs: number;
  #gathered: Waiting[] = [];
  #taken: Waiting[] = [];
  /** One for all: a timer per request would cost every answer for what nearly never happens. */
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Resolves when the rows are appended. @throws SRV_CAPTURE_FAILED, also when that takes too long */
  add(entry: CaptureEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#gathered.push({ entry, sinceMs: performance.now(), isLate: false, resolve, reject });
      this.#timer ??= this.#wakeIn(this.#timeoutMs);
    });
  }

  /** What was gathered is to be appended now. */
  take(): void {
    this.#taken = this.#gathered;
    this.#gathered = [];
  }

  /** How many of the taken ones were refused, as they waited too long. */
  get late(): number {
    return this.#taken.reduce((count, { isLate }) => count + Number(isLate), 0);
  }

  /** The rows of the taken ones; those of late ones as refused. */
  blocks(): Blocks {
    const rows = new GatheredRows();
    for (const { entry, isLate } of this.#taken) rows.add(isLate ? refused(entry) : entry);
    return rows.take();
  }

  /** The taken ones are appended. */
  resolve(): void {
    for (const { resolve } of this.#taken) resolve();
    this.#taken = [];
  }

  /** Their append has failed. */
  reject(error: Error): void {
    for (const { reject } of this.#taken) reject(error);
    this.#taken = [];
  }

  #wakeIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#refuseLate(), Math.ceil(ms)).unref();
  }

  #refuseLate(): void {
    const nowMs = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const waiting of [...this.#taken, ...this.#gathered]) {
      const restMs = waiting.sinceMs + this.#timeoutMs - nowMs;
      if (waiting.isLate) continue;
      if (restMs > 0) {
        nextMs = Math.min(nextMs, restMs);
        continue;
      }
      waiting.isLate = true;
      waiting.reject(tooLate(this.#timeoutMs));
    }
    this.#timer = nextMs === Number.POSITIVE_INFINITY ? undefined : this.#wakeIn(nextMs);
  }
}

const tooLate = (timeoutMs: number) =>
  servingErrors.SRV_CAPTURE_FAILED(
    `The answer is not given, as its record could not be written within ${timeoutMs} ms.`,
    { data: { timeoutMs, retryAfterSeconds: 1 } },
  );

/** As requests that a deployment refused: without an answer, so that nobody counts what nobody was told. */
function refused(entry: CaptureEntry): CaptureEntry {
  const { status, code } = tooLate(0);
  return { ...entry, facts: { ...entry.facts, status, errorCode: code }, decoded: [] };
}
