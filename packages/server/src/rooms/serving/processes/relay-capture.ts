import type { CaptureBatch, CaptureLog } from '../capture/capture-types.js';
import { bufferIsFull } from '../capture/segment-writer.js';

export interface CaptureRelay extends Pick<CaptureLog, 'append'> {
  /** Everything that was gathered has been taken over. */
  flush(): Promise<void>;
}

export interface RelayOptions {
  readonly mode: 'async' | 'sync';
  /** Resolves when the server has taken the rows over; in mode `sync` when they are on disk. */
  readonly send: (batch: CaptureBatch) => Promise<unknown>;
  /** Bytes that may be gathered or under way. */
  readonly maxBufferedBytes: number;
  readonly onDropped: (endpoint: string, rows: number) => void;
  readonly onError: (error: unknown, message: string) => void;
}

interface Gathered {
  readonly first: CaptureBatch;
  readonly ids: string[];
  text: string;
  rows: number;
  readonly settle: { resolve: () => void; reject: (error: unknown) => void }[];
}

const GATHER_MS = 20;
const GATHER_BYTES = 256 * 1024;
const DONE = Promise.resolve();

/**
 * The prediction log of a serving process: rows are gathered as text, as long as the log itself would gather them, and handed over
 * to the server, which writes them. What cannot be handed over is dropped and counted; in mode `sync` it is not answered.
 */
export function relayCapture(options: RelayOptions): CaptureRelay {
  const { mode, maxBufferedBytes, onDropped, onError } = options;
  const gathered = new Map<string, Gathered>();
  const sending = new Set<Promise<void>>();
  let bufferedBytes = 0;
  let gatheredBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let scheduled = false;

  const send = async ({ first, ids, text, rows, settle }: Gathered): Promise<void> => {
    try {
      await options.send({ ...first, ids, text, rows });
      for (const { resolve } of settle) resolve();
    } catch (error) {
      onError(error, 'captured rows could not be handed over');
      onDropped(first.endpoint, rows);
      for (const { reject } of settle) reject(error);
    } finally {
      bufferedBytes -= text.length * 2;
    }
  };
  const sendAll = (): void => {
    clearTimeout(timer);
    timer = undefined;
    scheduled = false;
    gatheredBytes = 0;
    const batches = [...gathered.values()];
    gathered.clear();
    for (const batch of batches) {
      const done = send(batch).finally(() => sending.delete(done));
      sending.add(done);
    }
  };
  const schedule = (): void => {
    if (scheduled) return;
    if (mode === 'sync' || gatheredBytes >= GATHER_BYTES) {
      scheduled = true;
      setImmediate(sendAll);
    } else timer ??= setTimeout(sendAll, GATHER_MS);
  };

  return {
    append: (batch) => {
      if (batch.rows === 0) return DONE;
      const bytes = batch.text.length * 2;
      if (bufferedBytes + bytes > maxBufferedBytes) {
        onDropped(batch.endpoint, batch.rows);
        return mode === 'sync' ? Promise.reject(bufferIsFull(bufferedBytes)) : DONE;
      }
      bufferedBytes += bytes;
      gatheredBytes += bytes;
      let entry = gathered.get(batch.deploymentId);
      if (entry === undefined) {
        entry = { first: batch, ids: [], text: '', rows: 0, settle: [] };
        gathered.set(batch.deploymentId, entry);
      }
      entry.text += batch.text;
      entry.rows += batch.rows;
      for (const id of batch.ids) entry.ids.push(id);
      schedule();
      if (mode === 'async') return DONE;
      const { settle } = entry;
      return new Promise((resolve, reject) => settle.push({ resolve, reject }));
    },
    flush: async () => {
      sendAll();
      await Promise.all(sending);
    },
  };
}
