import { statSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isName } from '@fairlead/kernel';
import { openThreadTeam, type ThreadTeam, workerEntry } from '../../../platform/compute/index.js';
import type { CapturedRow, CaptureQuery } from '../serving-types.js';
import { CaptureBacklog } from './capture-backlog.js';
import type { CaptureLog, CaptureOptions, CaptureWriter, SegmentFile } from './capture-types.js';
import { type CompactDeps, compactSegment } from './compact-segment.js';
import type { CompactAnswer, CompactRequest } from './compaction-worker.js';
import { createCaptureWriter } from './create-capture-writer.js';
import { readCaptured } from './read-captured.js';
import { RecentIds } from './recent-ids.js';
import { SegmentIndex } from './segment-index.js';
import { SEGMENT_SUFFIX } from './segment-writer.js';

const RECENT_IDS = 50_000;

/**
 * With so much waiting compaction does not keep up, and gets as much of the processor as what answers. A minute or two of all that two
 * cores can answer stays below it: such a burst is compacted when it is over, and costs its callers nothing.
 */
const BEHIND_BYTES = 256 * 2 ** 20;
/** A server that stops compacts no more than this first. */
const MAX_AT_STOP_BYTES = 64 * 2 ** 20;
const MAX_WAITING_BYTES = 2 ** 30;
const RETRY_COMPACTION_MS = 60_000;

/** Members of the team that compacts: the one that yields, and the one that does not, started when it is needed. */
const [YIELDING, EQUAL] = [0, 1];

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
  readonly #threads: ThreadTeam<CompactRequest, CompactAnswer> = openThreadTeam({
    entry: workerEntry(import.meta.url, 'compaction-worker.js'),
    input: undefined,
    size: 2,
  });
  /** Segments that may still grow, with who writes them, by id. */
  readonly #open = new Map<string, SegmentFile & { readonly owner: number }>();
  /** Sealed and not yet compacted. */
  readonly #backlog: CaptureBacklog;
  readonly #index = new SegmentIndex();
  /** Those of the backlog that are to be tried, by id. */
  readonly #untried = new Map<string, SegmentFile>();
  /** Compactions run one after the other: they are in no hurry, requests are. */
  #compacting: Promise<void> | undefined;
  #retryAt: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(deps: CompactDeps, options: CaptureOptions) {
    this.#deps = deps;
    this.#options = options;
    const { maxWaitingBytes = MAX_WAITING_BYTES, onWaiting = () => undefined } = options;
    this.#backlog = new CaptureBacklog({
      maxBytes: maxWaitingBytes,
      onWaiting,
      onFull: (endpoint, isFull) => this.#setFull(endpoint, isFull),
    });
    this.#writer = createCaptureWriter({
      ...options,
      onOpened: async (segment) => this.opened(OWN, segment),
      onSealed: (segment) => this.sealed(OWN, segment),
    });
  }

  append: CaptureLog['append'] = (entry) => this.#writer.append(entry);

  async captured(query: CaptureQuery): Promise<CapturedRow[]> {
    await this.#writer.flush();
    const deps = { ...this.#deps, index: this.#index };
    return (await readCaptured(deps, query, this.#files(query.endpoint))).map(({ row }) => row);
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
    const file = this.#fileOf(segment);
    // One whose file was never made has nothing.
    this.#backlog.add(file, statSync(file.path, { throwIfNoEntry: false })?.size ?? 0);
    // Also those whose compaction failed before: a full disk may have room again.
    this.#compactAll();
  }

  lost(owner: number): void {
    for (const segment of [...this.#open.values()]) if (segment.owner === owner) this.sealed(owner, segment);
  }

  full(): readonly string[] {
    return this.#backlog.full();
  }

  async flush(): Promise<void> {
    await this.#writer.seal();
    // Also those whose compaction failed before.
    this.#compactAll();
    await this.#compacting;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writer.close();
    clearTimeout(this.#retryAt);
    // Nobody waits minutes for a server to stop: the next start goes on with what it finds.
    if (this.#backlog.bytes > MAX_AT_STOP_BYTES) this.#untried.clear();
    await this.#compacting;
    await this.#threads.close();
  }

  #files(endpoint: string): SegmentFile[] {
    return [...this.#backlog.segments(), ...this.#open.values()].filter((segment) => segment.endpoint === endpoint);
  }

  #fileOf({ endpoint, id }: Pick<SegmentFile, 'endpoint' | 'id'>): SegmentFile {
    return { endpoint, id, path: join(this.#options.folder, endpoint, `${id}${SEGMENT_SUFFIX}`) };
  }

  #isBehind(): boolean {
    return this.#backlog.bytes > BEHIND_BYTES;
  }

  #setFull(endpoint: string, isFull: boolean): void {
    this.#writer.setFull(endpoint, isFull);
    this.#options.onFull?.(endpoint, isFull);
    const { segments, bytes } = this.#backlog.waiting(endpoint);
    const waiting = `${segments} segments with ${bytes} bytes wait to be compacted`;
    if (isFull) this.#options.onError?.(undefined, `the prediction log of ${endpoint} takes no more rows: ${waiting}`);
  }

  #compactAll(): void {
    for (const segment of this.#backlog.segments()) this.#untried.set(segment.id, segment);
    if (this.#untried.size > 0) this.#compacting ??= this.#compactUntried();
  }

  async #compactUntried(): Promise<void> {
    try {
      for (const segment of this.#untried.values()) {
        this.#untried.delete(segment.id);
        await this.#compact(segment);
      }
    } finally {
      // In the same turn as the last look: what is sealed from now on begins anew.
      this.#compacting = undefined;
    }
  }

  /**
   * A segment whose compaction fails stays on disk and readable; it is tried again with the next one, by `flush` and at the next start, and
   * after a while: a log that takes no rows has no next one.
   */
  async #compact(segment: SegmentFile): Promise<void> {
    if (!this.#backlog.has(segment.id)) return;
    try {
      // Where truth comes, its predictions are remembered beyond the file.
      if (this.#recent.isAsked(segment.endpoint)) await this.#recent.learn([segment]);
      await compactSegment(this.#deps, (request) => this.#ask(request), segment);
      this.#backlog.delete(segment);
      this.#recent.forget(segment);
      this.#index.forget(segment);
    } catch (error) {
      this.#options.onError?.(error, `capture segment ${segment.id} could not be compacted`);
      this.#retryLater();
    }
  }

  #retryLater(): void {
    if (this.#isClosed) return;
    this.#retryAt ??= setTimeout(() => {
      this.#retryAt = undefined;
      this.#compactAll();
    }, this.#options.compactAfterMs ?? RETRY_COMPACTION_MS).unref();
  }

  #ask(segment: Omit<CompactRequest, 'yields'>): Promise<CompactAnswer> {
    const yields = !this.#isBehind();
    return this.#threads.ask(yields ? YIELDING : EQUAL, { ...segment, yields });
  }
}
