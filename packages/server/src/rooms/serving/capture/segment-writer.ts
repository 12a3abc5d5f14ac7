import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@fairlead/kernel';
import { servingErrors } from '../serving-errors.js';
import { AppendWaits } from './append-waits.js';
import type { CaptureEntry, CaptureOptions } from './capture-types.js';
import { type Blocks, GatheredRows } from './gathered-rows.js';

const DONE = Promise.resolve();

/** Blocks that say of so many requests that they were refused. */
type Taken = Blocks & { readonly late: number };

export const SEGMENT_SUFFIX = '.rows';

interface OpenSegment {
  readonly id: string;
  readonly file: FileHandle;
  sizeBytes: number;
  /** It ends with a part of what a full disk took, which could not be cut off. */
  isTorn: boolean;
}

export type WriterOptions = Required<
  Pick<CaptureOptions, 'mode' | 'timeoutMs' | 'maxBufferedBytes' | 'compactBytes' | 'compactAfterMs' | 'retryMs'>
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
  readonly #gathered = new GatheredRows();
  /** Of mode `sync`; in mode `async` nobody waits. */
  readonly #waits: AppendWaits;
  /** What an append did not take, in mode `async`. */
  #left: Blocks | undefined;
  /** Of an append under way, and what it did not take. */
  #takenBytes = 0;
  #scheduled = false;
  #gathering: NodeJS.Timeout | undefined;
  #retryAt: NodeJS.Timeout | undefined;
  #ageTimer: NodeJS.Timeout | undefined;
  /** The file is touched by one step at a time. */
  #tail: Promise<void> = Promise.resolve();

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#waits = new AppendWaits(options.timeoutMs);
  }

  append(entry: CaptureEntry): Promise<void> {
    const { mode, maxBufferedBytes, onDropped } = this.#options;
    const bufferedBytes = this.#takenBytes + this.#gathered.bytes;
    if (bufferedBytes + this.#gathered.bytesFor(entry) > maxBufferedBytes) {
      onDropped(entry.rows);
      return mode === 'sync' ? Promise.reject(bufferIsFull(bufferedBytes)) : DONE;
    }
    this.#gathered.add(entry);
    if (mode === 'async') {
      this.#gather();
      return DONE;
    }
    this.#schedule();
    return this.#waits.add(entry);
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

  #gather(): void {
    if (this.#gathered.bytes >= GATHER_BYTES) this.#schedule();
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
    try {
      const segment = await this.#append(taken);
      this.#takenBytes = 0;
      this.#waits.resolve();
      if (segment.sizeBytes >= this.#options.compactBytes) await this.#seal();
    } catch (error) {
      this.#failed(taken, error);
      // The next rows may not stand behind half a block.
      if (this.#segment?.isTorn === true) await this.#seal();
    }
  }

  /** Counted until they are written: what an append in flight holds is memory too. */
  #take(): Taken {
    this.#waits.take();
    const taken = this.#gathered.take(this.#left);
    this.#left = undefined;
    this.#takenBytes = taken.bytes.length;
    // Gathered blocks know nothing of those who waited too long for their turn.
    return { ...taken, late: 0 };
  }

  /** Appends what was taken, with what became of those who waited too long meanwhile. */
  async #append(taken: Taken): Promise<OpenSegment> {
    const segment = await this.#open();
    const current = this.#current(taken);
    await appendTo(segment, current.bytes);
    if (this.#waits.late === current.late) return segment;
    await cutOff(segment, current.bytes.length);
    // Who has read those blocks remembers where they end: nothing else may stand in their place.
    await this.#seal();
    return this.#append(current);
  }

  #current(taken: Taken): Taken {
    const { late } = this.#waits;
    return late === taken.late ? taken : { ...this.#waits.blocks(), late };
  }

  #failed(taken: Blocks, error: unknown): void {
    const { mode, retryMs, onDropped, onError } = this.#options;
    onError(error, 'captured rows could not be appended');
    if (mode === 'sync') {
      this.#takenBytes = 0;
      onDropped(taken.rows);
      this.#waits.reject(failed(error));
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
    this.#gathered.forgetIdle();
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

/** Takes back what was appended last. */
async function cutOff(segment: OpenSegment, bytes: number): Promise<void> {
  const sizeBytes = segment.sizeBytes - bytes;
  try {
    await segment.file.truncate(sizeBytes);
  } catch (error) {
    segment.isTorn = true;
    throw error;
  }
  segment.sizeBytes = sizeBytes;
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
