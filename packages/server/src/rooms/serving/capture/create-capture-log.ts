import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isName } from '@fairlead/kernel';
import { openThreadTeam, type ThreadTeam, workerEntry } from '../../../platform/compute/index.js';
import type { CapturedRow, CaptureQuery } from '../serving-types.js';
import type { CaptureLog, CaptureOptions, CaptureWriter, SegmentFile } from './capture-types.js';
import { type CompactDeps, compactSegment } from './compact-segment.js';
import type { CompactAnswer, CompactRequest } from './compaction-worker.js';
import { createCaptureWriter } from './create-capture-writer.js';
import { readCaptured } from './read-captured.js';
import { RecentIds } from './recent-ids.js';
import { SEGMENT_SUFFIX } from './segment-writer.js';

const RECENT_IDS = 50_000;

/** This process among the owners of segments; others have numbers from 1. */
const OWN = 0;

/** The prediction log in a folder; see {@link CaptureLog}. */
export function createCaptureLog(deps: CompactDeps, options: CaptureOptions): CaptureLog {
  return new SegmentedLog(deps, options);
}

class SegmentedLog implements CaptureLog {
  readonly #deps: CompactDeps;
  readonly #options: CaptureOptions;
  readonly #recent = new RecentIds(RECENT_IDS);
  readonly #writer: CaptureWriter;
  readonly #thread: ThreadTeam<CompactRequest, CompactAnswer> = openThreadTeam({
    entry: workerEntry(import.meta.url, 'compaction-worker.js'),
    input: undefined,
    size: 1,
  });
  /** Segments that may still grow, with who writes them, by id. */
  readonly #open = new Map<string, SegmentFile & { readonly owner: number }>();
  /** Sealed and not yet in the index, by id. */
  readonly #sealed = new Map<string, SegmentFile>();
  /** Compactions run one after the other: they are in no hurry, requests are. */
  #compacting: Promise<void> = Promise.resolve();

  constructor(deps: CompactDeps, options: CaptureOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#writer = createCaptureWriter({
      ...options,
      onOpened: async (segment) => this.opened(OWN, segment),
      onSealed: (segment) => this.sealed(OWN, segment),
    });
  }

  append: CaptureLog['append'] = (entry) => this.#writer.append(entry);

  async captured(query: CaptureQuery): Promise<CapturedRow[]> {
    await this.#writer.flush();
    return (await readCaptured(this.#deps, query, this.#files(query.endpoint))).map(({ row }) => row);
  }

  async recent(endpoint: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    await this.#writer.flush();
    await this.#recent.learn(this.#files(endpoint));
    return this.#recent.among(endpoint, ids);
  }

  async recover(): Promise<void> {
    const { folder, onError } = this.#options;
    await mkdir(folder, { recursive: true });
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || !isName(entry.name)) continue;
      for (const file of (await readdir(join(folder, entry.name))).sort()) {
        if (file.endsWith(SEGMENT_SUFFIX)) {
          this.sealed(OWN, { endpoint: entry.name, id: file.slice(0, -SEGMENT_SUFFIX.length) });
        } else
          onError?.(
            undefined,
            `${join(folder, entry.name, file)} is no segment of the prediction log and is left as it is`,
          );
      }
    }
  }

  opened(owner: number, segment: Pick<SegmentFile, 'endpoint' | 'id'>): void {
    this.#open.set(segment.id, { ...this.#fileOf(segment), owner });
  }

  sealed(_owner: number, segment: Pick<SegmentFile, 'endpoint' | 'id'>): void {
    this.#open.delete(segment.id);
    this.#sealed.set(segment.id, this.#fileOf(segment));
    // Also those whose compaction failed before: a full disk may have room again.
    this.#compactAll();
  }

  lost(owner: number): void {
    for (const segment of [...this.#open.values()]) if (segment.owner === owner) this.sealed(owner, segment);
  }

  async flush(): Promise<void> {
    await this.#writer.seal();
    // Also those whose compaction failed before.
    this.#compactAll();
    await this.#compacting;
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#compacting;
    await this.#thread.close();
  }

  #files(endpoint: string): SegmentFile[] {
    return [...this.#sealed.values(), ...this.#open.values()].filter((segment) => segment.endpoint === endpoint);
  }

  #fileOf({ endpoint, id }: Pick<SegmentFile, 'endpoint' | 'id'>): SegmentFile {
    return { endpoint, id, path: join(this.#options.folder, endpoint, `${id}${SEGMENT_SUFFIX}`) };
  }

  #compactAll(): void {
    for (const segment of this.#sealed.values()) this.#compact(segment);
  }

  /** A segment whose compaction fails stays on disk and readable; it is tried again with the next one, by `flush` and at the next start. */
  #compact(segment: SegmentFile): void {
    this.#compacting = this.#compacting.then(async () => {
      if (!this.#sealed.has(segment.id)) return;
      try {
        // Where truth comes, its predictions are remembered beyond the file.
        if (this.#recent.isAsked(segment.endpoint)) await this.#recent.learn([segment]);
        await compactSegment(this.#deps, this.#thread, segment);
        this.#sealed.delete(segment.id);
        this.#recent.forget(segment);
      } catch (error) {
        this.#options.onError?.(error, `capture segment ${segment.id} could not be compacted`);
      }
    });
  }
}
