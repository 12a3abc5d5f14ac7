import { systemActor } from '@fairlead/kernel';
import type { Db } from '../db/index.js';
import { type RunKey, saveProgress } from './job-lease.sql.js';

const PAUSE_MS = 500;

export interface ProgressWriter {
  report(ratio: number, message: string): void;
  /** Stores the last report and takes no more. */
  close(): Promise<void>;
}

/** Stores the latest report of a run at most twice a second; reports in between are overtaken, not queued. */
export function createProgressWriter(db: Db, run: RunKey): ProgressWriter {
  let latest: { ratio: number; message: string } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();
  let closed = false;

  const flush = (): Promise<void> => {
    const step = latest;
    latest = undefined;
    if (step === undefined) return writing;
    // Progress is worth showing, not worth failing a job for.
    writing = writing
      .then(() => db.transact({ actor: systemActor }, (tx) => saveProgress(tx, run, step)))
      .catch(() => undefined);
    return writing;
  };
  const flushAndPause = () => {
    timer = undefined;
    if (latest === undefined || closed) return;
    timer = setTimeout(flushAndPause, PAUSE_MS);
    void flush();
  };
  return {
    report: (ratio, message) => {
      if (closed) return;
      latest = { ratio: Number.isFinite(ratio) ? Math.min(1, Math.max(0, ratio)) : 0, message };
      if (timer === undefined) flushAndPause();
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
      return flush();
    },
  };
}
