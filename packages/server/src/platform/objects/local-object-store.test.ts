import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLocalObjectStore } from './local-object-store.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const freshFolder = () => mkdtempSync(join(tmpdir(), 'fairlead-objects-'));
const filesUnder = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

describe.each(['normal', 'full'] as const)('a local object store with %s durability', (durability) => {
  const open = () => {
    const folder = freshFolder();
    return { folder, store: createLocalObjectStore(folder, { durability }) };
  };

  it('gives back the bytes under their sha256', async () => {
    const { store, folder } = open();
    const ref = await store.putBytes(bytesOf('rain'));
    expect(ref).toEqual({ digest: sha256('rain'), sizeBytes: 4 });
    expect(new TextDecoder().decode(await store.readBytes(ref.digest))).toBe('rain');
    const chunks: Buffer[] = [];
    for await (const chunk of await store.readStream(ref.digest)) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('rain');
    expect(await store.sizeOf(ref.digest)).toBe(4);
    const path = await store.localPath(ref.digest);
    expect(path).toBe(join(folder, 'objects', ref.digest.slice(0, 2), ref.digest.slice(2)));
    expect(statSync(path).mode & 0o777).toBe(0o444);
    await store.verify(ref.digest);
  });

  it('keeps one file when equal bytes arrive at the same time', async () => {
    const { store, folder } = open();
    const source = async function* () {
      yield bytesOf('same ');
      yield bytesOf('bytes');
    };
    const refs = await Promise.all(
      Array.from({ length: 24 }, (_, i) => (i % 2 ? store.putBytes(bytesOf('same bytes')) : store.putStream(source()))),
    );
    expect(new Set(refs.map((ref) => ref.digest))).toEqual(new Set([sha256('same bytes')]));
    expect(filesUnder(folder)).toHaveLength(1);
  });

  it('leaves nothing behind when a stream fails or is too large', async () => {
    const { store, folder } = open();
    const broken = async function* () {
      yield bytesOf('half');
      throw new Error('client went away');
    };
    await expect(store.putStream(broken())).rejects.toThrow('client went away');
    const long = async function* () {
      for (let i = 0; i < 10; i++) yield bytesOf('0123456789');
    };
    await expect(store.putStream(long(), { maxBytes: 99 })).rejects.toMatchObject({ code: 'OBJ_TOO_LARGE' });
    expect(filesUnder(folder)).toEqual([]);
    expect((await store.putStream(long(), { maxBytes: 100 })).sizeBytes).toBe(100);
  });

  it('takes over a staged file by moving it and leaves a copied file alone', async () => {
    const { store, folder } = open();
    const staged = await store.stagingPath('.parquet');
    expect(staged.endsWith('.parquet')).toBe(true);
    writeFileSync(staged, 'staged');
    expect(await store.putFile(staged, { move: true })).toEqual({ digest: sha256('staged'), sizeBytes: 6 });
    expect(existsSync(staged)).toBe(false);
    const own = join(folder, 'own.csv');
    writeFileSync(own, 'mine');
    expect((await store.putFile(own)).digest).toBe(sha256('mine'));
    expect(readFileSync(own, 'utf8')).toBe('mine');
    expect(statSync(own).mode & 0o200).toBe(0o200);
    await expect(store.putFile(join(folder, 'absent'))).rejects.toMatchObject({ code: 'OBJ_SOURCE_UNREADABLE' });
    await expect(store.putFile(folder, { move: true })).rejects.toMatchObject({ code: 'OBJ_SOURCE_UNREADABLE' });
  });
});

describe('a local object store', () => {
  it('takes nothing but a digest as an address', async () => {
    const store = createLocalObjectStore(freshFolder());
    for (const digest of ['../../etc/passwd', '', 'A'.repeat(64), `${'a'.repeat(64)}\n`, 'a'.repeat(63)]) {
      await expect(Promise.resolve().then(() => store.readBytes(digest))).rejects.toMatchObject({
        code: 'OBJ_BAD_DIGEST',
      });
      await expect(store.has(digest)).rejects.toMatchObject({ code: 'OBJ_BAD_DIGEST' });
    }
  });

  it('says which object is missing', async () => {
    const store = createLocalObjectStore(freshFolder());
    const digest = sha256('never stored');
    expect(await store.has(digest)).toBe(false);
    for (const ask of [store.sizeOf, store.readBytes, store.readStream, store.localPath, store.verify]) {
      await expect(ask(digest)).rejects.toMatchObject({ code: 'OBJ_NOT_FOUND', data: { digest } });
    }
  });

  it('finds a flipped bit and mends a truncated file by a new put', async () => {
    const store = createLocalObjectStore(freshFolder());
    const { digest } = await store.putBytes(bytesOf('precious'));
    const path = await store.localPath(digest);
    chmodSync(path, 0o644);
    writeFileSync(path, 'precioux');
    await expect(store.verify(digest)).rejects.toMatchObject({ code: 'OBJ_CORRUPT' });
    writeFileSync(path, 'prec');
    await store.putBytes(bytesOf('precious'));
    await store.verify(digest);
  });

  it('streams 50 MB in flat memory', async () => {
    const store = createLocalObjectStore(freshFolder());
    const chunk = new Uint8Array(1 << 16).fill(7);
    let peakBytes = 0;
    const startBytes = process.memoryUsage.rss();
    const source = async function* () {
      for (let i = 0; i < 800; i++) {
        yield chunk;
        if (i % 50 === 0) peakBytes = Math.max(peakBytes, process.memoryUsage.rss() - startBytes);
      }
    };
    const ref = await store.putStream(source());
    expect(ref.sizeBytes).toBe(800 * 65536);
    await store.verify(ref.digest);
    expect(peakBytes).toBeLessThan(25_000_000);
  });

  it('hashes long streams that arrive together, each by itself, whatever becomes of another', async () => {
    const folder = freshFolder();
    const store = createLocalObjectStore(folder);
    const sizes = [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_003, 12_345_678];
    const bytes = sizes.map((size, seed) =>
      Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 9) + seed) % 251),
    );
    // One buffer again and again, as a source may.
    const inPieces = async function* (whole: Uint8Array, until = whole.length) {
      const piece = new Uint8Array(70_001);
      for (let at = 0; at < until; at += piece.length) {
        const some = whole.subarray(at, at + piece.length);
        piece.set(some);
        yield piece.subarray(0, some.length);
      }
      if (until < whole.length) throw new Error('client went away');
    };
    const [longest = new Uint8Array()] = bytes.slice(-1);
    const broken = store.putStream(inPieces(longest, 8_000_000));
    const refs = await Promise.all([
      ...bytes.map((whole) => store.putStream(inPieces(whole))),
      expect(broken).rejects.toThrow('client went away'),
    ]);
    expect(refs.slice(0, -1)).toEqual(bytes.map((whole) => ({ digest: sha256(whole), sizeBytes: whole.length })));
    expect(filesUnder(folder)).toHaveLength(sizes.length);
    const again = await store.putStream(Readable.from([longest.subarray(0, 3_000_000), longest.subarray(3_000_000)]));
    expect(again.digest).toBe(sha256(longest));
  });

  it('publishes nothing of a writer that is killed half-way, and sweeps its leftovers by age', async () => {
    const folder = freshFolder();
    const store = createLocalObjectStore(folder);
    const staged = await store.stagingPath();
    const writer = spawn(process.execPath, [
      '-e',
      `const fd = require('node:fs').openSync(${JSON.stringify(staged)}, 'wx');
       require('node:fs').writeSync(fd, 'half of it'); console.log('written'); setInterval(() => {}, 1000);`,
    ]);
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    writer.kill('SIGKILL');
    await new Promise((resolve) => writer.once('exit', resolve));

    expect(filesUnder(join(folder, 'objects'))).toEqual([]);
    expect(await store.sweepStaging(60_000)).toBe(0);
    const hourAgo = new Date(Date.now() - 3_600_000);
    utimesSync(staged, hourAgo, hourAgo);
    expect(await store.sweepStaging(60_000)).toBe(1);
    expect(filesUnder(folder)).toEqual([]);
  });
});
