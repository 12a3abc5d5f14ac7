import { Worker } from 'node:worker_threads';
import { workerEntry } from '../compute/index.js';
import type { HashCommand, HashReply } from './hash-messages.js';

/** The sha256 of one file while it is being written. */
export interface FileHash {
  /** So much of the file can be read by now. */
  written(sizeBytes: number): void;
  /** In hex, of the whole file of that size. Rejects when it cannot be read. */
  digest(sizeBytes: number): Promise<string>;
  /** No digest will be asked for. */
  drop(): void;
}

export interface HashThread {
  begin(path: string): FileHash;
}

interface Waiting {
  resolve(digest: string): void;
  reject(error: Error): void;
}

/**
 * One thread that hashes every long file: sha256 of a gigabyte takes 0.7 s, which the loop that serves requests would stand
 * still for. It reads what has just been written from the cache of the file system. Rejected: handing it the bytes, because
 * they are parts of buffers that others still use, and copying them cost the loop 0.4 s per gigabyte. The thread starts with
 * the first long file, and keeps the process alive only while it is asked.
 */
export function createHashThread(): HashThread {
  let thread: { readonly worker: Worker; readonly waiting: Waiting[] } | undefined;

  const start = () => {
    const worker = new Worker(workerEntry(import.meta.url, 'hash-worker.js'), { execArgv: [] });
    const waiting: Waiting[] = [];
    let cause: unknown;
    worker.unref();
    worker.on('message', (reply: HashReply) => {
      const asked = waiting.shift();
      if ('digest' in reply) asked?.resolve(reply.digest);
      else asked?.reject(new Error(`The file cannot be hashed: ${reply.problem}.`));
      if (waiting.length === 0) worker.unref();
    });
    worker.on('error', (error) => {
      cause = error;
    });
    worker.once('exit', () => {
      if (thread?.worker === worker) thread = undefined;
      for (const { reject } of waiting.splice(0)) reject(new Error('The thread that hashes has ended.', { cause }));
    });
    return { worker, waiting };
  };
  const tell = (command: HashCommand) => {
    thread ??= start();
    thread.worker.postMessage(command);
    return thread;
  };

  return {
    begin: (path) => ({
      written: (sizeBytes) => void tell({ type: 'written', path, sizeBytes }),
      digest: (sizeBytes) =>
        new Promise((resolve, reject) => {
          const { worker, waiting } = tell({ type: 'digest', path, sizeBytes });
          waiting.push({ resolve, reject });
          worker.ref();
        }),
      drop: () => void tell({ type: 'drop', path }),
    }),
  };
}
