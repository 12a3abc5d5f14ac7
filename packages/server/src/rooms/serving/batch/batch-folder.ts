import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { canonicalJson, isFairleadError, messageOf } from '@fairlead/kernel';
import { acquireHomeLock, type HomeLock } from '../../../platform/home/index.js';
import { joinParquet } from '../../../platform/lake/index.js';
import { servingErrors } from '../serving-errors.js';
import type { BatchRequest, BatchTarget, RowIssue } from './batch-types.js';

/** What a batch answers and with what; while it is the same, what was answered before a kill is not answered again. */
export interface BatchIdentity {
  readonly request: BatchRequest;
  readonly target: BatchTarget;
  readonly input: { readonly sizeBytes: number; readonly modifiedMs: number };
  readonly partRows: number;
}

/** Beside the output, under a name that no listing shows. */
export function folderOf(output: string): string {
  return join(dirname(output), `.${basename(output)}.batch`);
}

export const errorsPathOf = (output: string) => `${output}.errors.ndjson`;

const IDENTITY = 'batch.json';
const PART = /^part-(\d{7})\.parquet$/;
const partName = (index: number) => `part-${String(index).padStart(7, '0')}.parquet`;

/** The version that an unfinished batch with this request had begun with; null when there is none. */
export async function begunTarget(request: BatchRequest): Promise<BatchTarget | null> {
  const begun = await readIdentity(folderOf(request.output));
  if (begun === null || canonicalJson(begun.request) !== canonicalJson(request)) return null;
  const input = await inputFacts(request.input).catch(() => null);
  return canonicalJson(begun.input) === canonicalJson(input) ? begun.target : null;
}

/** @throws SRV_BATCH_INPUT */
export async function inputFacts(path: string): Promise<BatchIdentity['input']> {
  const found = await stat(path).catch((cause) => {
    throw servingErrors.SRV_BATCH_INPUT(`${path} cannot be read: ${messageOf(cause)}`, { cause, data: { path } });
  });
  if (!found.isFile()) throw servingErrors.SRV_BATCH_INPUT(`${path} is no file.`, { data: { path } });
  return { sizeBytes: found.size, modifiedMs: found.mtimeMs };
}

/**
 * Where the parts of an output wait until all are there. A part that has its name is whole: it is written under another one,
 * brought to disk and renamed. So a kill costs the parts that were being computed, and the output appears whole or not at all.
 */
export class BatchFolder {
  readonly path: string;
  readonly #output: string;
  readonly #lock: HomeLock;
  /** Numbers of the parts that are whole. */
  readonly done: Set<number>;

  private constructor(output: string, lock: HomeLock, done: Set<number>) {
    this.path = folderOf(output);
    this.#output = output;
    this.#lock = lock;
    this.done = done;
  }

  /** What belongs to another batch is thrown away. @throws SRV_BATCH_OUTPUT, SRV_BATCH_BUSY */
  static async open(output: string, identity: BatchIdentity): Promise<BatchFolder> {
    const path = folderOf(output);
    try {
      await mkdir(path, { recursive: true });
    } catch (cause) {
      throw servingErrors.SRV_BATCH_OUTPUT(`${output} cannot be written: ${messageOf(cause)}`, { cause });
    }
    const lock = lockOf(path, output);
    try {
      const begun = await readIdentity(path);
      const same = begun !== null && canonicalJson(begun) === canonicalJson(identity);
      const names = await readdir(path);
      for (const name of names) {
        const keep = name.startsWith('home.') || (same && (PART.test(name) || KEPT.test(name) || name === IDENTITY));
        if (!keep) await rm(join(path, name), { recursive: true, force: true });
      }
      if (!same) await writeFile(join(path, IDENTITY), JSON.stringify(identity));
      const done = same ? names.flatMap((name) => PART.exec(name)?.[1] ?? []).map(Number) : [];
      return new BatchFolder(output, lock, new Set(done));
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Where a part, or another file of the work, is written before it gets its name. */
  draft(name: string): string {
    return join(this.path, `${name}.draft`);
  }

  /** The input as Parquet, when it has another format; made by `make` unless an earlier run did. */
  async stagedInput(make: (path: string) => Promise<unknown>): Promise<string> {
    const path = join(this.path, 'input.parquet');
    if ((await stat(path).catch(() => null)) === null) {
      await make(this.draft('input.parquet'));
      await rename(this.draft('input.parquet'), path);
    }
    return path;
  }

  /** `draft` becomes the part; from now on it is never computed again. */
  async keepPart(index: number, draft: string, issues: readonly RowIssue[]): Promise<void> {
    const name = partName(index);
    const lines = issues.map((issue) => `${JSON.stringify(issue)}\n`).join('');
    await writeFile(join(this.path, `${name}.errors`), lines);
    await syncFile(draft);
    await rename(draft, join(this.path, name));
    this.done.add(index);
  }

  /** Lines in the side files of the whole parts. */
  async countErrors(): Promise<number> {
    let lines = 0;
    for (const index of this.done) {
      const text = await readFile(join(this.path, `${partName(index)}.errors`), 'utf8');
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
    }
    return lines;
  }

  /** Puts the output and its side file into their places. @throws SRV_BATCH_OUTPUT */
  async publish(
    parts: number,
    { metadata, errorRows }: { metadata: Readonly<Record<string, string>>; errorRows: number },
  ): Promise<{ digest: string; sizeBytes: number; rows: number }> {
    const names = Array.from({ length: parts }, (_, index) => partName(index));
    try {
      const whole = this.draft('whole.parquet');
      const written = await joinParquet(
        names.map((name) => join(this.path, name)),
        whole,
        metadata,
      );
      await this.#publishErrors(names, errorRows);
      await rename(whole, this.#output);
      await syncFolder(dirname(this.#output));
      return written;
    } catch (cause) {
      if (isFairleadError(cause)) throw cause;
      throw servingErrors.SRV_BATCH_OUTPUT(`${this.#output} cannot be written: ${messageOf(cause)}`, { cause });
    }
  }

  async #publishErrors(names: readonly string[], errorRows: number): Promise<void> {
    const path = errorsPathOf(this.#output);
    // Of an earlier batch with this output.
    if (errorRows === 0) return rm(path, { force: true });
    const draft = this.draft('errors.ndjson');
    await writeFile(draft, '');
    for (const name of names) {
      await pipeline(createReadStream(join(this.path, `${name}.errors`)), createWriteStream(draft, { flags: 'a' }));
    }
    await syncFile(draft);
    await rename(draft, path);
  }

  /** The work stays for the next attempt. */
  leave(): void {
    this.#lock.release();
  }
}

/** The work of a batch whose output is in its place. */
export async function forgetParts(output: string): Promise<void> {
  await rm(folderOf(output), { recursive: true, force: true });
}

/** Files that an earlier run has finished, beside the parts. */
const KEPT = /^(input\.parquet|part-\d{7}\.parquet\.errors)$/;

async function readIdentity(path: string): Promise<BatchIdentity | null> {
  try {
    return JSON.parse(await readFile(join(path, IDENTITY), 'utf8')) as BatchIdentity;
  } catch {
    return null;
  }
}

function lockOf(path: string, output: string): HomeLock {
  try {
    return acquireHomeLock(path);
  } catch (cause) {
    if (!isFairleadError(cause) || cause.code !== 'HOME_LOCKED') throw cause;
    const { pid } = cause.data as { pid?: number };
    const who = pid === undefined ? 'Another process' : `Process ${pid}`;
    throw servingErrors.SRV_BATCH_BUSY(`${who} is writing ${output}.`, { cause, data: { output, pid: pid ?? null } });
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders; there a rename is durable by itself.
  const folder = await open(path, 'r').catch(() => null);
  await folder?.sync().finally(() => folder.close());
}
