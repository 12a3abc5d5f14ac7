import { statSync } from 'node:fs';
import type { Kysely } from 'kysely';
import { workerEntry } from '../../compute/index.js';
import { dbErrors } from '../db-errors.js';
import type { Reader } from '../db-types.js';
import { readingKysely } from './reading-dialect.js';
import { createReadingLane, type Reading } from './reading-lane.js';

export interface LongReads {
  readonly reader: Reader;
  /** Reads that have begun end, those that wait are refused. */
  close(): Promise<void>;
}

export interface LongReadsOptions {
  /** A SQLite file in WAL mode. */
  readonly path: string;
  /** Copies the log into the file while nobody is in the middle of a change. */
  readonly copyLog: () => Promise<void>;
  /** Default: two, so that a scan of everything does not keep a page of a hundred rows waiting. */
  readonly threads?: number;
  readonly maxWaiting?: number;
  readonly maxLogBytes?: number;
  readonly entry?: URL;
}

/**
 * Per thread, taken only as it is needed. A search goes through its rows in an order that is not the file's (see open-sqlite): a page
 * of a thousand runs of a hundred thousand touches more than 16 MiB, and the next one would read all of it again.
 */
const CACHE_KIB = 32_768;
const MAX_WAITING = 256;
/** Four times what the log has when it is copied as it should be. */
const MAX_LOG_BYTES = 1 << 26;
const COPY_PAUSE_MS = 1000;

/**
 * Reads in threads, each with a connection of its own that cannot write, so that the loop that serves requests goes on
 * meanwhile. A hop there and back takes some 60 µs: what is answered sooner belongs on the loop.
 *
 * Whoever was told of a change reads it here too: nobody is told before the commit that holds it (`shareCommits`), a read is
 * asked for after that, and SQLite lets a statement see every commit made before its first step, whichever connection made it.
 * Each statement sees a moment of its own, as on the loop.
 *
 * SQLite begins its log anew only at a moment when nobody reads an older state, and with two threads under load there may
 * never be one. When the log has become long, reads therefore wait until those that run have ended and it has been copied.
 */
export function openLongReads(options: LongReadsOptions): LongReads {
  const { path, copyLog, threads = 2, maxWaiting = MAX_WAITING, maxLogBytes = MAX_LOG_BYTES } = options;
  const entry = options.entry ?? workerEntry(import.meta.url, 'reading-thread.js');
  const waiting: Reading[] = [];
  const lanes = Array.from({ length: threads }, () =>
    createReadingLane(entry, { path, cacheKib: CACHE_KIB }, () => next()),
  );
  let isClosed = false;
  let isCopying = false;
  let copyAgainMs = 0;

  const isLogLong = () => (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > maxLogBytes;
  const copy = async () => {
    isCopying = true;
    // A log that another program holds on to is no reason to refuse reads, nor to stop them again at once.
    await copyLog().catch(() => undefined);
    if (isLogLong()) copyAgainMs = performance.now() + COPY_PAUSE_MS;
    isCopying = false;
    next();
  };
  const next = () => {
    while (waiting.length > 0 && !isCopying) {
      // The first that is free: the second thread starts only when the first had no time.
      const lane = lanes.find(({ isBusy }) => !isBusy());
      if (lane === undefined) return;
      if (performance.now() >= copyAgainMs && isLogLong()) {
        if (lanes.every(({ isBusy }) => !isBusy())) void copy();
        return;
      }
      lane.read(waiting.shift() as Reading);
    }
  };
  const run = <Row>(text: string, parameters: readonly unknown[]) =>
    new Promise<Row[]>((resolve, reject) => {
      if (isClosed) throw closed();
      if (waiting.length >= maxWaiting) throw tooMany(waiting.length);
      waiting.push({ text, parameters, resolve: resolve as Reading['resolve'], reject });
      next();
    });
  const kysely = readingKysely(run);
  return {
    reader: { dialect: 'sqlite', sql: <T>() => kysely as unknown as Kysely<T>, run },
    close: async () => {
      isClosed = true;
      for (const { reject } of waiting.splice(0)) reject(closed());
      await Promise.all(lanes.map((lane) => lane.stop()));
    },
  };
}

const closed = () => dbErrors.DB_READER_LOST('The database is being closed.', { data: { retryAfterSeconds: 1 } });

const tooMany = (count: number) =>
  dbErrors.DB_OVERLOADED(`${count} long reads wait for the database already.`, {
    data: { waiting: count, retryAfterSeconds: 1 },
  });
