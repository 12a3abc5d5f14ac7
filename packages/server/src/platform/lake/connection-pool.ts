import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { throwIfAborted } from '@fairlead/kernel';
import { lakeErrors } from './lake-errors.js';

interface Waiter {
  start(): void;
  refuse(error: unknown): void;
}

/** At most `size` connections at work; who comes later waits in line. */
export class ConnectionPool {
  readonly #instance: DuckDBInstance;
  readonly #size: number;
  readonly #idle: DuckDBConnection[] = [];
  readonly #line: Waiter[] = [];
  #busy = 0;
  #closed = false;
  #drained: (() => void) | undefined;

  constructor(instance: DuckDBInstance, size: number) {
    this.#instance = instance;
    this.#size = size;
  }

  /** `fresh`: nobody had this connection before and nobody gets it afterwards, so that temporary tables end with it. */
  async use<T>(
    work: (connection: DuckDBConnection) => Promise<T>,
    { fresh = false, signal }: { fresh?: boolean; signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    await this.#enter(signal);
    let connection: DuckDBConnection | undefined;
    try {
      connection = (fresh ? undefined : this.#idle.pop()) ?? (await this.#instance.connect());
      return await work(connection);
    } finally {
      if (connection !== undefined && !fresh && !this.#closed) this.#idle.push(connection);
      else connection?.closeSync();
      this.#leave();
    }
  }

  /** Waits for the connections at work and refuses those in line. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiter of this.#line.splice(0)) waiter.refuse(closed());
    if (this.#busy > 0) await new Promise<void>((resolve) => (this.#drained = resolve));
    for (const connection of this.#idle.splice(0)) connection.closeSync();
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal);
    if (this.#closed) throw closed();
    if (this.#busy < this.#size) {
      this.#busy++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#line.splice(this.#line.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        start: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
        refuse: (error) => {
          signal?.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#line.push(waiter);
    });
  }

  /** Hands its place to the next in line, or gives it up. */
  #leave(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#busy--;
    else next.start();
    if (this.#busy === 0) this.#drained?.();
  }
}

function closed(): Error {
  return lakeErrors.LAKE_CLOSED('The query engine has been shut down.');
}
