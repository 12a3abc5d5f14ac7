import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@fairlead/kernel';
import { servingErrors } from '../serving-errors.js';
import type { CaptureBatch, CaptureOptions } from './capture-types.js';
import { kindsLine } from './segment-format.js';

const DONE = Promise.resolve();

interface Pending {
  readonly batch: CaptureBatch;
  readonly settle?: { resolve: () => void; reject: (error: Error) => void };
}

interface OpenSegment {
  readonly id: string;
  readonly path: string;
  readonly file: FileHandle;
  readonly described: Set<string>;
  sizeBytes: number;
  /** It ends with a part of what a full disk took, which could not be cut off. */
  isTorn: boolean;
}

export type WriterOptions = Required<
  Pick<CaptureOptions, 'maxBufferedBytes' | 'compactBytes' | 'compactAfterMs' | 'retryMs'>
> & {
  readonly folder: string;
  readonly mode: 'async' | 'sync';
  readonly onDropped: (rows: number) => void;
  readonly onError: (error: unknown, message: string) => void;
  /** A segment that will not grow any more. */
  readonly onSealed: (id: string) => void;
};

/** An append costs the loop about as much as an answer, so rows that nobody waits for share one. */
const GATHER_MS = 20;
const GATHER_BYTES = 256 * 1024;

/**
 * Appends to the open segment of one endpoint. What arrives while an append is under way shares the next one. In mode `sync`
 * an append begins after the turn of the event loop; in mode `async`, where nobody waits for it, after 20 ms or 128 KiB of
 * text.
 */
export class SegmentWriter {
  readonly #options: WriterOptions;
  #segment: OpenSegment | undefined;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #scheduled = false;
  #gathering: NodeJS.Timeout | undefined;
  #retryAt: NodeJS.Timeout | undefined;
  #ageTimer: NodeJS.Timeout | undefined;
  /** The file is touched by one step at a time. */
  #tail: Promise<void> = Promise.resolve();

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  append(batch: CaptureBatch): Promise<void> {
    const { mode, maxBufferedBytes, onDropped } = this.#options;
    // Two bytes per UTF-16 unit is what it costs in memory, near enough.
    const bytes = batch.text.length * 2;
    if (this.#pendingBytes + bytes > maxBufferedBytes) {
      onDropped(batch.rows);
      return mode === 'sync' ? Promise.reject(bufferIsFull(this.#pendingBytes)) : Promise.resolve();
    }
    this.#pendingBytes += bytes;
    if (mode === 'async') {
      this.#pending.push({ batch });
      this.#gather();
      return DONE;
    }
    this.#schedule();
    return new Promise((resolve, reject) => this.#pending.push({ batch, settle: { resolve, reject } }));
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
    if (this.#pending.length > 0) this.#options.onDropped(countRows(this.#pending));
    this.#pending = [];
  }

  get openSegmentId(): string | undefined {
    return this.#segment?.id;
  }

  #gather(): void {
    if (this.#pendingBytes >= GATHER_BYTES) this.#schedule();
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
    if (this.#pending.length === 0) return;
    const taken = this.#pending;
    const takenBytes = this.#pendingBytes;
    this.#pending = [];
    try {
      const segment = await this.#open();
      await appendTo(segment, taken);
      // Counted until they are written: what an append in flight holds is memory too.
      this.#pendingBytes -= takenBytes;
      for (const { settle } of taken) settle?.resolve();
      if (segment.sizeBytes >= this.#options.compactBytes) await this.#seal();
    } catch (error) {
      this.#failed(taken, { takenBytes, error });
      // The next rows may not stand behind half a line.
      if (this.#segment?.isTorn === true) await this.#seal();
    }
  }

  #failed(taken: Pending[], { takenBytes, error }: { takenBytes: number; error: unknown }): void {
    const { mode, retryMs, onDropped, onError } = this.#options;
    onError(error, 'captured rows could not be appended');
    if (mode === 'sync') {
      this.#pendingBytes -= takenBytes;
      onDropped(countRows(taken));
      for (const { settle } of taken) settle?.reject(failed(error));
      return;
    }
    this.#pending = [...taken, ...this.#pending];
    clearTimeout(this.#retryAt);
    this.#retryAt = setTimeout(() => {
      this.#retryAt = undefined;
      this.#schedule();
    }, retryMs);
    this.#retryAt.unref();
  }

  async #open(): Promise<OpenSegment> {
    if (this.#segment !== undefined) return this.#segment;
    const { folder, compactAfterMs } = this.#options;
    await mkdir(folder, { recursive: true });
    const id = newId();
    const path = join(folder, `${id}.ndjson`);
    this.#segment = { id, path, file: await open(path, 'a'), described: new Set(), sizeBytes: 0, isTorn: false };
    this.#ageTimer = setTimeout(() => void this.seal(), compactAfterMs);
    this.#ageTimer.unref();
    return this.#segment;
  }

  async #seal(): Promise<void> {
    const segment = this.#segment;
    if (segment === undefined) return;
    clearTimeout(this.#ageTimer);
    this.#segment = undefined;
    await segment.file.close().catch((error) => this.#options.onError(error, 'a capture segment did not close'));
    this.#options.onSealed(segment.id);
  }
}

async function appendTo(segment: OpenSegment, pending: readonly Pending[]): Promise<void> {
  const fresh = new Set<string>();
  let text = '';
  for (const { batch } of pending) {
    if (!segment.described.has(batch.deploymentId) && !fresh.has(batch.deploymentId)) {
      fresh.add(batch.deploymentId);
      text += kindsLine(batch);
    }
    text += batch.text;
  }
  const bytes = Buffer.from(text, 'utf8');
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
  for (const id of fresh) segment.described.add(id);
}

const countRows = (pending: readonly Pending[]) => pending.reduce((sum, { batch }) => sum + batch.rows, 0);

export const bufferIsFull = (bufferedBytes: number) =>
  servingErrors.SRV_CAPTURE_FAILED('The capture log cannot keep up: its buffer is full.', {
    data: { bufferedBytes, retryAfterSeconds: 1 },
  });

const failed = (cause: unknown) =>
  servingErrors.SRV_CAPTURE_FAILED('The capture log cannot be appended to.', {
    cause,
    data: { retryAfterSeconds: 1 },
  });
