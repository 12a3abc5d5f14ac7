import type { Actor, NewEvent } from '@fairlead/kernel';
import type { Kysely } from 'kysely';

export type Dialect = 'sqlite' | 'postgres';

/** Who asked for a change; written to the ledger beside every event of the transaction. */
export interface ChangeContext {
  readonly actor: Actor;
  readonly requestId?: string;
  /** Writes something of its own into every transaction of the change, which rolls back when this rejects. */
  readonly alongside?: (tx: Reader, events: readonly NewEvent[]) => Promise<void>;
}

/**
 * A running transaction. Stores use `sql`, services call `record` for every change they make; the events are appended to
 * the ledger in the same transaction, just before it commits.
 */
export interface Tx {
  /** The query builder of this transaction, typed by the calling room's own tables. */
  sql<Tables>(): Kysely<Tables>;
  record(event: NewEvent): void;
  /** Runs after a successful commit, in order; for waking somebody up, never for work that must not be lost. */
  afterCommit(callback: () => void): void;
}

/**
 * What does for many inputs at once what it does for one, for example in one statement instead of as many. Gives the outputs in
 * the order of the inputs. Constant: those that ask for the same function are gathered.
 */
export type GatheredOperation<In, Out> = (reader: Reader, inputs: readonly In[]) => Promise<readonly Out[]>;

export type Gather = <In, Out>(operation: GatheredOperation<In, Out>, input: In) => Promise<Out>;

/** A handle that a store can read through: the database itself or a running transaction. */
export interface Reader {
  readonly dialect: Dialect;
  sql<Tables>(): Kysely<Tables>;
  /** Runs a ready text past the query builder; stores call it through `rawQuery`, which says when that is worth it. */
  run<Row>(text: string, parameters: readonly unknown[]): Promise<Row[]>;
  /** Where rows can be had one by one while the database still makes the others; stores call it through `rawEach`. */
  readonly each?: (text: string, parameters: readonly unknown[], take: (row: unknown) => void) => Promise<void>;
  /** In a transaction that changes share; stores ask for it through `gather`. */
  readonly gather?: Gather;
}

export interface TransactOptions {
  /**
   * Lets the change be committed together with others, which is what makes small changes cheap on PostgreSQL. Names what it
   * touches, for example `run/ID`: changes of one name never meet in a transaction, those of different names must not touch
   * the same rows. `work` is run again by itself when any of them fails, so it may change nothing but the database.
   */
  readonly sharedBy: string;
}

export interface Db extends Reader {
  /**
   * For reads that may take milliseconds: searches, scans, long pages. On SQLite they run in a thread, not on the loop that
   * serves requests, and see every change that has been acknowledged; on PostgreSQL this is the database like any other reader.
   * Short reads stay on `Db` itself: the way to the thread and back takes longer than they do.
   */
  readonly longReads: Reader;
  /**
   * Runs `work` in one transaction with the right to write. Commits when it resolves; rolls everything back, the
   * events included, when it rejects. Do not call `transact` or `Db.sql` inside `work`: use the given `tx`.
   */
  transact<T>(context: ChangeContext, work: (tx: Tx & Reader) => Promise<T>, options?: TransactOptions): Promise<T>;
  /** Milliseconds since the epoch by the database's own clock: the only clock that leases may use. */
  nowMs(reader?: Reader): Promise<number>;
  close(): Promise<void>;
}

/** A forward-only step of one room's schema. Dialect-neutral where possible; `dialect` tells which engine runs. */
export interface Migration {
  /** Sorts within the room, for example `001-datasets`. Never renamed or edited once released. */
  readonly id: string;
  up(sql: Kysely<unknown>, dialect: Dialect): Promise<void>;
}

export interface RoomMigrations {
  readonly room: string;
  readonly migrations: readonly Migration[];
}
