import { type FileHandle, open, rm } from 'node:fs/promises';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { QuarantinedRow } from './data-types.js';

const FLUSH_CHARACTERS = 1 << 20;

/** Writes quarantined rows to one JSON-lines file, as they come, and counts them and their reasons. */
export class QuarantineWriter {
  readonly #objects: ObjectStore;
  readonly #reasons = new Map<string, number>();
  #path: string | undefined;
  #file: FileHandle | undefined;
  #pending: string[] = [];
  #pendingCharacters = 0;
  rows = 0;

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  /** Rows by reason code. A row with one reason twice counts once. */
  get reasons(): Record<string, number> {
    return Object.fromEntries([...this.#reasons].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Only remembers; {@link flush} writes. */
  add(row: QuarantinedRow): void {
    const line = `${JSON.stringify(row)}\n`;
    this.#pending.push(line);
    this.#pendingCharacters += line.length;
    this.rows += 1;
    for (const code of new Set(row.reasons.map((reason) => reason.code))) {
      this.#reasons.set(code, (this.#reasons.get(code) ?? 0) + 1);
    }
  }

  async flush(atLeast = FLUSH_CHARACTERS): Promise<void> {
    if (this.#pendingCharacters < atLeast || this.#pending.length === 0) return;
    const text = this.#pending.join('');
    this.#pending = [];
    this.#pendingCharacters = 0;
    this.#path ??= await this.#objects.stagingPath('.jsonl');
    this.#file ??= await open(this.#path, 'wx');
    await this.#file.appendFile(text);
  }

  /** Stores what was added and returns its digest; null when nothing was. */
  async finish(): Promise<string | null> {
    if (this.rows === 0) return null;
    await this.flush(0);
    await this.#file?.close();
    this.#file = undefined;
    const { digest } = await this.#objects.putFile(this.#path as string, { move: true });
    this.#path = undefined;
    return digest;
  }

  /** Drops what {@link finish} did not store. */
  async discard(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    if (this.#path !== undefined) await rm(this.#path, { force: true });
  }
}
