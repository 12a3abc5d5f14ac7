import type { Kysely } from 'kysely';
import type { Reader } from './db-types.js';

/**
 * What runs inside one transaction. `closing`: statements that were sent last and must succeed as well; the commit need not wait
 * for their answers.
 */
export type Work<T> = (reader: Reader) => Promise<{ readonly value: T; readonly closing: Promise<unknown> }>;

export interface TransactionOptions {
  /** How long a statement may wait for a row that somebody else has locked; for as long as it takes when it is not given. */
  readonly lockTimeoutMs?: number;
  /**
   * Statements are planned once per connection, whatever their parameters: for those that find every row by its key. Otherwise
   * PostgreSQL plans one that takes lists anew each time, which takes longer than running it.
   */
  readonly plansOnce?: boolean;
}

/** A database as its driver opens it. */
export interface Connections {
  /** Sees the last commit and never waits for a writer. */
  readonly reader: Reader;
  /** See `Db.longReads`. */
  readonly longReads: Reader;
  /** For migrations: nothing else runs yet. */
  readonly kysely: Kysely<unknown>;
  /** Runs `work` in a transaction with the right to write; commits when everything of it has succeeded, else rolls back. */
  transact<T>(work: Work<T>, options?: TransactionOptions): Promise<T>;
  close(): Promise<void>;
}
