import type { BrokerMessage } from '../broker-types.js';
import { OffsetWindow } from './offset-window.js';

/** A record as the client gives it. */
export interface KafkaRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** What the sender called it; absent: its place is its id. */
  readonly id: string | undefined;
}

export interface IntakeOptions {
  readonly topic: string;
  readonly maxInFlight: number;
  /** Some partition can be committed further than before. */
  readonly onProgress: () => void;
}

/**
 * The messages of the partitions that are assigned now: between their arrival and their acknowledgement. With each assignment all is
 * forgotten, for what is not committed is delivered anew; an acknowledgement from before is then without effect.
 */
export class PartitionIntake {
  readonly #options: IntakeOptions;
  #windows = new Map<number, OffsetWindow>();
  #waiting: BrokerMessage[] = [];
  #timers = new Set<NodeJS.Timeout>();
  #assignment = 0;
  #inFlight = 0;
  #ended = false;
  #failure: unknown = null;
  readonly #waiters = new Set<() => void>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** The number of the assignment in force; another one means that what was taken before is not ours any more. */
  get assignment(): number {
    return this.#assignment;
  }

  get hasRoom(): boolean {
    return this.#inFlight < this.#options.maxInFlight;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Partitions have been assigned anew. */
  assign(): void {
    this.#assignment += 1;
    this.#windows = new Map();
    this.#waiting = [];
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#inFlight = 0;
    this.#changed();
  }

  add(record: KafkaRecord): void {
    const { partition, offset } = record;
    const window = this.#windows.get(partition) ?? new OffsetWindow();
    this.#windows.set(partition, window);
    if (!window.deliver(offset)) return;
    this.#inFlight += 1;
    this.#offer(record, 1);
  }

  /** See `BrokerConnection.next`. */
  async take(max: number): Promise<BrokerMessage[]> {
    while (this.#waiting.length === 0 && !this.#ended) await this.change();
    if (this.#waiting.length === 0 && this.#failure !== null) throw this.#failure;
    return this.#waiting.splice(0, max);
  }

  /** What can be committed, by partition. */
  marks(): Map<number, bigint> {
    const marks = new Map<number, bigint>();
    for (const [partition, { mark }] of this.#windows) if (mark !== null) marks.set(partition, mark);
    return marks;
  }

  /** Nothing more arrives; with a failure whoever takes is told of it when all is taken. */
  end(failure: unknown = null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#changed();
  }

  /** Resolves when something has arrived, been acknowledged or ended, or the assignment has changed. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.add(resolve));
  }

  #offer(record: KafkaRecord, deliveries: number): void {
    const assignment = this.#assignment;
    const { partition, offset, key, value, id } = record;
    let settled = false;
    const settle = (): boolean => {
      const mine = !settled && assignment === this.#assignment;
      settled = true;
      return mine;
    };
    this.#waiting.push({
      id: id ?? `${this.#options.topic}:${partition}:${offset}`,
      deliveries,
      data: value,
      key,
      ack: () => {
        if (!settle() || !this.#windows.get(partition)?.ack(offset)) return;
        this.#inFlight -= 1;
        this.#options.onProgress();
        this.#changed();
      },
      retry: (delayMs) => {
        // Once ended, it stays unacknowledged: it is delivered again by the broker.
        if (!settle() || this.#ended) return;
        const timer = setTimeout(() => {
          this.#timers.delete(timer);
          this.#offer(record, deliveries + 1);
        }, delayMs);
        this.#timers.add(timer);
      },
    });
    this.#changed();
  }

  #changed(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const wake of waiters) wake();
  }
}
