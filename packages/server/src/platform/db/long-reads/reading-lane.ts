import { Worker } from 'node:worker_threads';
import { messageOf } from '@fairlead/kernel';
import { dbErrors } from '../db-errors.js';
import { unpackRows } from './packed-rows.js';
import type { ReadingCommand, ReadingReply, ReadingStart } from './reading-messages.js';

export interface Reading {
  readonly text: string;
  readonly parameters: readonly unknown[];
  resolve(rows: unknown[]): void;
  reject(error: Error): void;
}

export interface ReadingLane {
  readonly isBusy: () => boolean;
  /** Only while it is not busy. */
  read(reading: Reading): void;
  /** After the read that it has, if any. */
  stop(): Promise<void>;
}

/** Of JavaScript only; what SQLite takes stands beside it. A thread that read everything at once would need a hundred times it. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 } as const;

/**
 * One thread with its own connection, started by its first read, and again by the next one should it die. It has one read at a
 * time, so that a death costs one, and keeps the process alive only meanwhile. It is never ended from outside: it may be inside
 * of SQLite.
 */
export function createReadingLane(entry: URL, start: ReadingStart, onFree: () => void): ReadingLane {
  let worker: Worker | undefined;
  let reading: Reading | undefined;
  let rows: unknown[] = [];
  let isStopping = false;

  const settle = (finish: (asked: Reading) => void) => {
    const asked = reading;
    reading = undefined;
    rows = [];
    if (!isStopping) worker?.unref();
    if (asked !== undefined) finish(asked);
    onFree();
  };
  const take = (reply: ReadingReply) => {
    if ('failure' in reply) {
      const { message, ...codes } = reply.failure;
      settle(({ reject }) => reject(Object.assign(new Error(message), codes)));
      return;
    }
    unpackRows(reply.rows, rows);
    if (!reply.isLast) return;
    const all = rows;
    settle(({ resolve }) => resolve(all));
  };
  const begin = () => {
    const begun = new Worker(entry, { execArgv: [], workerData: start, resourceLimits: LIMITS });
    let cause: unknown;
    begun.on('message', take);
    // The driver gave something that cannot be copied: the read would wait for ever.
    begun.on('messageerror', (error) => settle(({ reject }) => reject(lost(messageOf(error), error))));
    begun.on('error', (error) => {
      cause = error;
    });
    begun.once('exit', (exitCode) => {
      worker = undefined;
      settle(({ reject }) => reject(lost(cause === undefined ? `it ended with ${exitCode}` : messageOf(cause), cause)));
    });
    return begun;
  };
  const tell = (command: ReadingCommand) => {
    worker ??= begin();
    worker.ref();
    worker.postMessage(command);
  };

  return {
    isBusy: () => reading !== undefined,
    read: (asked) => {
      reading = asked;
      try {
        tell({ type: 'read', text: asked.text, parameters: asked.parameters });
      } catch (error) {
        // A parameter that cannot be copied.
        settle(({ reject }) => reject(error as Error));
      }
    },
    stop: async () => {
      isStopping = true;
      const ending = worker;
      if (ending === undefined) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      tell({ type: 'stop' });
      await ended;
    },
  };
}

function lost(why: string, cause: unknown): Error {
  return dbErrors.DB_READER_LOST(`The thread that reads the database is gone: ${why}.`, {
    cause,
    data: { retryAfterSeconds: 1 },
  });
}
