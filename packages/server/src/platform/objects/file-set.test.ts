import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putFileSet, readFileSet, writeFileSet } from './file-set.js';
import { createLocalObjectStore } from './local-object-store.js';
import type { ObjectStore } from './objects-types.js';

let base: string;
let objects: ObjectStore;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'fairlead-set-'));
  objects = createLocalObjectStore(join(base, 'objects'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const put = async (text: string) => (await objects.putBytes(Buffer.from(text))).digest;

describe('a set of files', () => {
  it('has one digest, whatever their order, and another for other bytes or another name', async () => {
    const [a, b] = [await put('a'), await put('b')];
    const digest = async (files: Record<string, string>) => (await putFileSet(objects, files)).digest;
    const first = await digest({ 'x/a': a, b });
    expect(await digest({ b, 'x/a': a })).toBe(first);
    expect(await digest({ 'x/a': b, b })).not.toBe(first);
    expect(await digest({ 'y/a': a, b })).not.toBe(first);
    expect(await readFileSet(objects, first)).toEqual({ 'x/a': a, b });
  });

  it('is written with what it names, and not when a stored byte has changed', async () => {
    const files = { 'deep/er/a': await put('a'), b: await put('bb') };
    const target = join(base, 'out');
    mkdirSync(target);
    await writeFileSet(objects, files, target);
    expect([readFileSync(join(target, 'deep/er/a'), 'utf8'), readFileSync(join(target, 'b'), 'utf8')]).toEqual([
      'a',
      'bb',
    ]);
    const stored = await objects.localPath(files.b);
    rmSync(stored);
    writeFileSync(stored, 'xx');
    const again = join(base, 'again');
    mkdirSync(again);
    await expect(writeFileSet(objects, files, again)).rejects.toMatchObject({ code: 'OBJ_CORRUPT' });
  });

  it.each(['../a', '/a', 'a/../b', 'a//b', 'a\\b', 'c:a', 'a\0', ''])('has no file at %j', async (path) => {
    await expect(putFileSet(objects, { [path]: await put('a') })).rejects.toMatchObject({ code: 'OBJ_BAD_DIGEST' });
    const forged = await put(
      JSON.stringify({ files: { [path]: await put('a') }, kind: 'fairlead.file-set', version: 1 }),
    );
    expect(await readFileSet(objects, forged)).toBeNull();
  });

  it('is no other object, and none whose list was changed in the store', async () => {
    for (const text of ['', '{', '{}', 'null', '{"kind":"fairlead.file-set"}', '\x08\x08']) {
      expect(await readFileSet(objects, await put(text))).toBeNull();
    }
    const { digest } = await putFileSet(objects, { a: await put('a') });
    const path = await objects.localPath(digest);
    const list = readFileSync(path, 'utf8').replace('"a"', '"b"');
    rmSync(path);
    writeFileSync(path, list);
    await expect(readFileSet(objects, digest)).rejects.toMatchObject({ code: 'OBJ_CORRUPT' });
  });
});
