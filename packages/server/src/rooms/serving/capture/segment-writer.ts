import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@fairlead/kernel';
import { servingErrors } from '../serving-errors.js';
import { BlockBuilder } from './block-builder.js';
import type { CaptureEntry, CaptureOptions } from './capture-types.js';

const DONE = Promise.resolve();

export const SEGMENT_SUFFIX = '.rows';

interface OpenSegment {
  readonly id: string;
  readonly file: FileHandle;
  sizeBytes: number;
  /** It ends with a part of what a full disk took, which could not be cut off. */
  isTorn: boolean;
}

/** Somebody who waits for an append. */
interface Settle {
  resolve(): void;
  reject(error: Error): void;
}

export type WriterOptions = Required<
  Pick<CaptureOptions, 'mode' | 'maxBufferedBytes' | 'compactBytes' | 'compactAfterMs' | 'retryMs'>
> & {
  /** Of this endpoint. */
  readonly folder: string;
  readonly onDropped: (rows: number) => void;
  readonly onError: (error: unknown, message: string) => void;
  /** A segment begins; its file is made afterwards. */
  readonly onOpened: (id: string) => Promise<void>;
  /** A segment that will not grow any more. */
  readonly onSealed: (id: string) => void;
};

/** An append costs the loop about as much as an answer, so rows that nobody waits for share one. */
const GATHER_MS = 50;
const GATHER_BYTES = 256 * 1024;

/**
 * Appends to the open segment of one endpoint. What arrives while an append is under way shares the next one. In mode `sync`
 * an append begins after the turn of the event loop; in mode `async`, where nobody waits for it, after 50 ms or 256 KiB.
 */
export class SegmentWriter {
  readonly #options: WriterOptions;
  #segment: OpenSegment | undefined;
  /** By deployment. */
  #gathered = new Map<string, BlockBuilder>();
  #waiting: Settle[] = [];
  /** What an append did not take, in mode `async`. */
  #left: { readonly bytes: Buffer; readonly rows: number } | undefined;
  /** Of an append under way, and what it did not take. */
  #takenBytes = 0;
  #gatheredBytes = 0;
  #scheduled = false;
  #gathering: NodeJS.Timeout | undefined;
  #retryAt: NodeJS.Timeout | undefined;
  #ageTimer: NodeJS.Timeout | undefined;
  /** The file is touched by one step at a time. */
  #tail: Promise<void> = Promise.resolve();

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  append(entry: CaptureEntry): Promise<void> {
    const { mode, maxBufferedBytes, onDropped } = this.#options;
    const builder = this.#builderOf(entry);
    const before = builder.bytes;
    if (this.#takenBytes + this.#gatheredBytes + builder.bytesFor(entry.rows) > maxBufferedBytes) {
      onDropped(entry.rows);
      return mode === 'sync' ? Promise.reject(bufferIsFull(this.#takenBytes + this.#gatheredBytes)) : DONE;
    }
    builder.add(entry);
    this.#gatheredBytes += builder.bytes - before;
    if (mode === 'async') {
      this.#gather();
      return DONE;
    }
    this.#schedule();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Resolves when everything that was waiting is on disk (or, after a failure, waits for the next attempt). */
  flush(): Promise<void> {
    return this.#inTurn(() => this.#write());
  }

  /** Writes what waits and seals the segment, so that it can be compacted. */
  seal(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#write();
      await this.#seal();
    });
  }

  async close(): Promise<void> {
    await this.seal();
    clearTimeout(this.#retryAt);
    if (this.#left !== undefined) this.#options.onDropped(this.#left.rows);
    this.#left = undefined;
  }

  get openSegmentId(): string | undefined {
    return this.#segment?.id;
  }

  /** Models differ in their columns, and so does what refuses in their place when they are not loaded. */
  #builderOf({ source }: CaptureEntry): BlockBuilder {
    const { deploymentId, model } = source;
    const key = model === '' ? `${deploymentId}?` : deploymentId;
    let builder = this.#gathered.get(key);
    if (builder === undefined) {
      builder = new BlockBuilder(source);
      this.#gathered.set(key, builder);
    }
    return builder;
  }

  #gather(): void {
    if (this.#gatheredBytes >= GATHER_BYTES) this.#schedule();
    else if (this.#gathering === undefined && !this.#scheduled && this.#retryAt === undefined) {
      this.#gathering = setTimeout(() => this.#schedule(), GATHER_MS);
    }
  }

  #schedule(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#scheduled || this.#retryAt !== undefined) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.flush();
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#tail = this.#tail.then(work);
    return this.#tail;
  }

  async #write(): Promise<void> {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const taken = this.#take();
    if (taken.rows === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const segment = await this.#open();
      await appendTo(segment, taken.bytes);
      this.#takenBytes = 0;
      for (const { resolve } of waiting) resolve();
      if (segment.sizeBytes >= this.#options.compactBytes) await this.#seal();
    } catch (error) {
      this.#failed(taken, { waiting, error });
      // The next rows may not stand behind half a block.
      if (this.#segment?.isTorn === true) await this.#seal();
    }
  }

  /** Counted until they are written: what an append in flight holds is memory too. */
  #take(): { bytes: Buffer; rows: number } {
    const builders = [...this.#gathered.values()].filter(({ rows }) => rows > 0);
    const rows = builders.reduce((sum, builder) => sum + builder.rows, this.#left?.rows ?? 0);
    const blocks = builders.map((builder) => builder.take());
    const bytes = Buffer.concat(this.#left === undefined ? blocks : [this.#left.bytes, ...blocks]);
    this.#left = undefined;
    this.#takenBytes = bytes.length;
    this.#gatheredBytes = 0;
    return { bytes, rows };
  }

  #failed(taken: { bytes: Buffer; rows: number }, { waiting, error }: { waiting: Settle[]; error: unknown }): void {
    const { mode, retryMs, onDropped, onError } = this.#options;
    onError(error, 'captured rows could not be appended');
    if (mode === 'sync') {
      this.#takenBytes = 0;
      onDropped(taken.rows);
      for (const { reject } of waiting) reject(failed(error));
      return;
    }
    this.#left = taken;
    clearTimeout(this.#retryAt);
    this.#retryAt = setTimeout(() => {
      this.#retryAt = undefined;
      this.#schedule();
    }, retryMs);
    this.#retryAt.unref();
  }

  async #open(): Promise<OpenSegment> {
    if (this.#segment !== undefined) return this.#segment;
    const { folder, compactAfterMs, onOpened, onSealed } = this.#options;
    await mkdir(folder, { recursive: true });
    const id = newId();
    await onOpened(id);
    const file = await open(join(folder, `${id}${SEGMENT_SUFFIX}`), 'a').catch((error) => {
      onSealed(id);
      throw error;
    });
    this.#segment = { id, file, sizeBytes: 0, isTorn: false };
    this.#ageTimer = setTimeout(() => void this.seal(), compactAfterMs);
    this.#ageTimer.unref();
    return this.#segment;
  }

  async #seal(): Promise<void> {
    const segment = this.#segment;
    if (segment === undefined) return;
    clearTimeout(this.#ageTimer);
    this.#segment = undefined;
    // Of deployments that are gone nothing is kept.
    for (const [key, { rows }] of this.#gathered) if (rows === 0) this.#gathered.delete(key);
    await segment.file.close().catch((error) => this.#options.onError(error, 'a capture segment did not close'));
    this.#options.onSealed(segment.id);
  }
}

async function appendTo(segment: OpenSegment, bytes: Buffer): Promise<void> {
  try {
    await segment.file.appendFile(bytes);
  } catch (error) {
    // Cut off what a full disk took in part, or the next attempt would write those rows twice.
    await segment.file.truncate(segment.sizeBytes).catch(() => {
      segment.isTorn = true;
    });
    throw error;
  }
  segment.sizeBytes += bytes.length;
}

const bufferIsFull = (bufferedBytes: number) =>
  servingErrors.SRV_CAPTURE_FAILED('The capture log cannot keep up: its buffer is full.', {
    data: { bufferedBytes, retryAfterSeconds: 1 },
  });

const failed = (cause: unknown) =>
  servingErrors.SRV_CAPTURE_FAILED('The capture log cannot be appended to.', {
    cause,
    data: { retryAfterSeconds: 1 },
  });
