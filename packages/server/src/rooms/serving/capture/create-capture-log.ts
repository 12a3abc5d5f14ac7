import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isName } from '@fairlead/kernel';
import type { CaptureQuery } from '../serving-types.js';
import type { CaptureBatch, CaptureLog, CaptureOptions } from './capture-types.js';
import { type CompactDeps, compactSegment } from './compact-segment.js';
import { readCaptured } from './read-captured.js';
import { RecentIds } from './recent-ids.js';
import { SegmentWriter } from './segment-writer.js';

const MEBIBYTE = 2 ** 20;
const SUFFIX = '.ndjson';
const RECENT_IDS = 50_000;

interface SealedSegment {
  readonly endpoint: string;
  readonly id: string;
  readonly path: string;
}

/** The prediction log in a folder; see {@link CaptureLog}. */
export function createCaptureLog(deps: CompactDeps, options: CaptureOptions): CaptureLog {
  const log = new SegmentedLog(deps, options);
  return {
    append: (batch) => log.append(batch),
    captured: (query) => log.captured(query),
    isRecent: (endpoint, id) => log.recent.has(endpoint, id),
    recover: () => log.recover(),
    flush: () => log.flush(),
    close: () => log.close(),
  };
}

class SegmentedLog implements Omit<CaptureLog, 'isRecent'> {
  readonly recent = new RecentIds(RECENT_IDS);
  readonly #deps: CompactDeps;
  readonly #options: CaptureOptions;
  readonly #writers = new Map<string, SegmentWriter>();
  /** Sealed and not yet in the index, by id. */
  readonly #sealed = new Map<string, SealedSegment>();
  /** Compactions run one after the other: they are in no hurry, requests are. */
  #compacting: Promise<void> = Promise.resolve();

  constructor(deps: CompactDeps, options: CaptureOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  append(batch: CaptureBatch): Promise<void> {
    for (const id of batch.ids) this.recent.add(batch.endpoint, id);
    return batch.rows === 0 ? Promise.resolve() : this.#writer(batch.endpoint).append(batch);
  }

  async captured(query: CaptureQuery) {
    await this.#writers.get(query.endpoint)?.flush();
    const sealed = [...this.#sealed.values()].filter(({ endpoint }) => endpoint === query.endpoint);
    const openId = this.#writers.get(query.endpoint)?.openSegmentId;
    const open = openId === undefined ? [] : [{ id: openId, path: this.#pathOf(query.endpoint, openId) }];
    return (await readCaptured(this.#deps, query, [...sealed, ...open])).map(({ row }) => row);
  }

  async recover(): Promise<void> {
    const { folder } = this.#options;
    await mkdir(folder, { recursive: true });
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || !isName(entry.name)) continue;
      for (const file of (await readdir(join(folder, entry.name))).sort()) {
        if (file.endsWith(SUFFIX)) this.#onSealed(entry.name, file.slice(0, -SUFFIX.length));
      }
    }
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.seal()));
    // Also those whose compaction failed before.
    for (const segment of this.#sealed.values()) this.#compact(segment);
    await this.#compacting;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.close()));
    await this.#compacting;
  }

  #writer(endpoint: string): SegmentWriter {
    const present = this.#writers.get(endpoint);
    if (present !== undefined) return present;
    const {
      mode = 'async',
      maxBufferedBytes,
      compactBytes,
      compactAfterMs,
      retryMs,
      onDropped,
      onError,
    } = this.#options;
    const writer = new SegmentWriter({
      folder: join(this.#options.folder, endpoint),
      mode,
      maxBufferedBytes: maxBufferedBytes ?? 16 * MEBIBYTE,
      compactBytes: compactBytes ?? 4 * MEBIBYTE,
      compactAfterMs: compactAfterMs ?? 60_000,
      retryMs: retryMs ?? 1000,
      onDropped: (rows) => onDropped?.(endpoint, rows),
      onError: (error, message) => onError?.(error, message),
      onSealed: (id) => this.#onSealed(endpoint, id),
    });
    this.#writers.set(endpoint, writer);
    return writer;
  }

  #pathOf(endpoint: string, id: string): string {
    return join(this.#options.folder, endpoint, `${id}${SUFFIX}`);
  }

  #onSealed(endpoint: string, id: string): void {
    this.#sealed.set(id, { endpoint, id, path: this.#pathOf(endpoint, id) });
    // Also those whose compaction failed before: a full disk may have room again.
    for (const segment of this.#sealed.values()) this.#compact(segment);
  }

  /** A segment whose compaction fails stays on disk and readable; it is tried again with the next one, by `flush` and at the next start. */
  #compact(segment: SealedSegment): void {
    this.#compacting = this.#compacting.then(async () => {
      if (!this.#sealed.has(segment.id)) return;
      try {
        await compactSegment(this.#deps, segment);
        this.#sealed.delete(segment.id);
      } catch (error) {
        this.#options.onError?.(error, `capture segment ${segment.id} could not be compacted`);
      }
    });
  }
}
