import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalObjectStore, type ObjectStore, putFileSet } from '../../../platform/objects/index.js';
import { openModelBytes } from './open-model-bytes.js';

let base: string;
let objects: ObjectStore;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'fairlead-bytes-'));
  objects = createLocalObjectStore(base);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

async function change(digest: string): Promise<void> {
  const path = await objects.localPath(digest);
  rmSync(path);
  writeFileSync(path, 'changed');
}

describe('the bytes of a model for a program', () => {
  it('are a fresh copy of its folder at each start, which is gone afterwards', async () => {
    const { digest: inner } = await objects.putBytes(Buffer.from('weights'));
    const { digest } = await putFileSet(objects, { 'data/model.pkl': inner });
    const first = await openModelBytes(objects, digest);
    const file = join(first.modelPath, 'data/model.pkl');
    writeFileSync(file, 'what a program wrote there');
    const second = await openModelBytes(objects, digest);
    expect(readFileSync(join(second.modelPath, 'data/model.pkl'), 'utf8')).toBe('weights');
    await Promise.all([first.release(), second.release()]);
    expect([existsSync(first.modelPath), existsSync(second.modelPath)]).toEqual([false, false]);
    await change(inner);
    await expect(openModelBytes(objects, digest)).rejects.toMatchObject({ code: 'OBJ_CORRUPT' });
  });

  it('of a model file are the stored ones, looked at before each start', async () => {
    const { digest } = await objects.putBytes(Buffer.from('a model'));
    expect(await openModelBytes(objects, digest)).toMatchObject({
      modelPath: await objects.localPath(digest),
      scratch: null,
    });
    await change(digest);
    await expect(openModelBytes(objects, digest)).rejects.toMatchObject({ code: 'INF_DIGEST_MISMATCH' });
  });
});
