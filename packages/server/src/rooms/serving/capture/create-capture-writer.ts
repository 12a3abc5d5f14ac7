import { join } from 'node:path';
import { servingErrors } from '../serving-errors.js';
import type { CaptureOptions, CaptureWriter, SegmentFile } from './capture-types.js';
import { SegmentWriter } from './segment-writer.js';

const DONE = Promise.resolve();
const MEBIBYTE = 2 ** 20;

export interface CaptureWriterOptions extends CaptureOptions {
  /** A segment begins; its file is made when this has resolved. */
  readonly onOpened: (segment: Pick<SegmentFile, 'endpoint' | 'id'>) => Promise<void>;
  /** It will not grow any more. */
  readonly onSealed: (segment: Pick<SegmentFile, 'endpoint' | 'id'>) => void;
}

/** A writer per endpoint; see {@link CaptureWriter}. */
export function createCaptureWriter(options: CaptureWriterOptions): CaptureWriter {
  const {
    mode = 'async',
    timeoutMs,
    maxBufferedBytes,
    compactBytes,
    compactAfterMs,
    retryMs,
    onDropped,
    onError,
  } = options;
  const writers = new Map<string, SegmentWriter>();
  const full = new Set<string>();
  const writerOf = (endpoint: string): SegmentWriter => {
    const present = writers.get(endpoint);
    if (present !== undefined) return present;
    const writer = new SegmentWriter({
      folder: join(options.folder, endpoint),
      mode,
      timeoutMs: timeoutMs ?? 10_000,
      maxBufferedBytes: maxBufferedBytes ?? 16 * MEBIBYTE,
      compactBytes: compactBytes ?? 4 * MEBIBYTE,
      compactAfterMs: compactAfterMs ?? 60_000,
      retryMs: retryMs ?? 1000,
      onDropped: (rows) => onDropped?.(endpoint, rows),
      onError: (error, message) => onError?.(error, message),
      onOpened: (id) => options.onOpened({ endpoint, id }),
      onSealed: (id) => options.onSealed({ endpoint, id }),
    });
    writers.set(endpoint, writer);
    return writer;
  };
  const all = (work: (writer: SegmentWriter) => Promise<void>) => async () => {
    await Promise.all([...writers.values()].map(work));
  };
  return {
    append: (entry) => {
      const { endpoint } = entry.source;
      if (entry.rows === 0) return DONE;
      if (!full.has(endpoint)) return writerOf(endpoint).append(entry);
      onDropped?.(endpoint, entry.rows);
      return mode === 'sync' ? Promise.reject(logIsFull(endpoint)) : DONE;
    },
    setFull: (endpoint, isFull) => void (isFull ? full.add(endpoint) : full.delete(endpoint)),
    flush: all((writer) => writer.flush()),
    seal: all((writer) => writer.seal()),
    close: all((writer) => writer.close()),
  };
}

const logIsFull = (endpoint: string) =>
  servingErrors.SRV_CAPTURE_FAILED(
    'The prediction log cannot keep up: too much of it waits on disk to become Parquet.',
    { data: { endpoint, retryAfterSeconds: 5 } },
  );
