import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Db, type RoomMigrations, readLedger } from '../../../platform/db/index.js';
import type { TestDb } from '../../../platform/db/testing.js';
import { createLocalObjectStore, type ObjectStore } from '../../../platform/objects/index.js';
import { createTracking } from '../create-tracking.js';
import { trackingMigrations } from '../tracking-migrations.js';
import type { TrackingService } from '../tracking-types.js';

const me = { actor: { ...systemActor, id: 'ada' } };
const sha256 = (bytes: string) => createHash('sha256').update(bytes).digest('hex');
const DAY_MS = 24 * 3_600_000;

export async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** What the tree of files does on every engine. */
export function describeFiles(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`the tree of files on ${engine}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-files-'));
    const clock = fixedClock(1_700_000_000_000);
    let test: TestDb;
    let db: Db;
    let objects: ObjectStore;
    let tracking: TrackingService;
    let runId: string;
    let top: string;
    let made = 0;
    const put = (path: string, text = path) => tracking.files.putFile(me, path, Buffer.from(text));
    const read = async (path: string) => textOf((await tracking.files.openFile(path)).stream);
    beforeAll(async () => {
      test = await open([trackingMigrations]);
      db = test.db;
      objects = createLocalObjectStore(folder);
      tracking = createTracking({ db, objects, clock, version: '0.0.0' });
    });
    afterAll(async () => {
      await test.dispose();
      rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      clock.advance(1000);
      made += 1;
      top = `tree-${made}`;
      runId = (await tracking.startRun(me, { experiment: 'files' })).id;
    });

    it('keeps a file under its path and gives it back, whole or a range of it', async () => {
      const file = await put(`${top}/a/b.txt`, 'hello world');
      expect(file).toEqual({
        path: `${top}/a/b.txt`,
        digest: sha256('hello world'),
        sizeBytes: 11,
        createdAtMs: clock.nowMs(),
      });
      expect(await tracking.files.file(`${top}/a/b.txt`)).toEqual(file);
      expect(await read(`${top}/a/b.txt`)).toBe('hello world');
      const range = async (start: number, end: number) =>
        textOf((await tracking.files.openFile(`${top}/a/b.txt`, { start, end })).stream);
      expect([await range(0, 5), await range(6, 11), await range(4, 4)]).toEqual(['hello', 'world', '']);
      expect(await tracking.files.file(`${top}/a`)).toBeUndefined();
      await expect(tracking.files.openFile(`${top}/a`)).rejects.toMatchObject({ code: 'TRK_ARTIFACT_NOT_FOUND' });
    });

    it('replaces a file, and says in the ledger what was there before', async () => {
      const first = await put(`${top}/x`, '1');
      await put(`${top}/x`, '1');
      const second = await tracking.files.putFile(me, `${top}/x`, pieces('2', '2'));
      expect(await read(`${top}/x`)).toBe('22');
      const events = await readLedger(db, { afterSeq: 0, limit: 10_000, types: ['tracking.file-put'] });
      const mine = events.filter((event) => event.subject.id === `${top}/x`);
      expect(mine.map(({ before, after }) => [before, after])).toEqual([
        [undefined, first],
        [first, second],
      ]);
    });

    it('lists a folder by name, its files with their size, and nothing for a file or a missing folder', async () => {
      const names = ['b/2', 'b/1/x', 'a', 'a b', 'a-c/x', 'a.d', 'ab/y/z/w', 'ü/1', '\u{1f6a2}', 'b0', '0'];
      for (const name of names) await put(`${top}/l/${name}`);
      await put(`${top}/l0`);
      await put(`${top}/k/1`);
      const list = async (path: string) =>
        (await tracking.files.listFolder(path)).map(({ name, isFolder, sizeBytes }) =>
          isFolder ? `${name}/` : `${name} ${sizeBytes}`,
        );
      const size = (name: string) => Buffer.byteLength(`${top}/l/${name}`);
      expect(await list(`${top}/l`)).toEqual([
        `0 ${size('0')}`,
        `a ${size('a')}`,
        `a b ${size('a b')}`,
        'a-c/',
        `a.d ${size('a.d')}`,
        'ab/',
        'b/',
        `b0 ${size('b0')}`,
        'ü/',
        `\u{1f6a2} ${size('\u{1f6a2}')}`,
      ]);
      expect(await list(top)).toEqual(['k/', 'l/', `l0 ${top.length + 3}`]);
      expect(await list('')).toContain(`${top}/`);
      expect([await list(`${top}/l/a`), await list(`${top}/none`)]).toEqual([[], []]);
      const below = await tracking.files.filesBelow(`${top}/l/b`);
      expect(below.map(({ path }) => path)).toEqual([`${top}/l/b/1/x`, `${top}/l/b/2`]);
    });

    it('lets a name be a file or a folder, never both', async () => {
      await put(`${top}/f`);
      await put(`${top}/d/f`);
      await expect(put(`${top}/f/x`)).rejects.toMatchObject({ code: 'TRK_ARTIFACT_PATH_TAKEN' });
      await expect(put(`${top}/f/x/y/z`)).rejects.toMatchObject({ code: 'TRK_ARTIFACT_PATH_TAKEN' });
      await expect(put(`${top}/d`)).rejects.toMatchObject({ code: 'TRK_ARTIFACT_PATH_TAKEN' });
      await put(`${top}/f0`);
      await put(`${top}/d-`);
      const racing = await Promise.allSettled([put(`${top}/r`), put(`${top}/r/x`), put(`${top}/r/x/y`)]);
      expect(racing.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('distinguishes case, and keeps two spellings of one text as one file', async () => {
      await put(`${top}/Model`, 'upper');
      await put(`${top}/model`, 'lower');
      await put(`${top}/re\u0301sume\u0301`, 'composed or not');
      expect([await read(`${top}/Model`), await read(`${top}/model`)]).toEqual(['upper', 'lower']);
      expect(await read(`${top}/r\u00e9sum\u00e9`)).toBe('composed or not');
      expect(await tracking.files.listFolder(top)).toHaveLength(3);
    });

    it('removes a file or a folder with everything in it, and never the root', async () => {
      for (const path of ['a', 'd/1', 'd/e/2', 'd0', 'd-']) await put(`${top}/${path}`);
      expect(await tracking.files.removeFiles(me, `${top}/a`)).toBe(true);
      expect(await tracking.files.removeFiles(me, `${top}/d`)).toBe(true);
      expect(await tracking.files.removeFiles(me, `${top}/d`)).toBe(false);
      const rest = await tracking.files.filesBelow(top);
      expect(rest.map(({ path }) => path)).toEqual([`${top}/d-`, `${top}/d0`]);
      for (const root of ['', '.', '/', 'x/..', '%2e']) {
        await expect(tracking.files.removeFiles(me, root)).rejects.toMatchObject({ code: 'TRK_ARTIFACT_PATH_INVALID' });
      }
      const events = await readLedger(db, { afterSeq: 0, limit: 10_000, types: ['tracking.files-removed'] });
      expect(events.filter((event) => event.subject.id === `${top}/d`).map(({ payload }) => payload)).toMatchObject([
        { files: 2 },
      ]);
    });

    it('gives a run its part of the tree', async () => {
      const { experimentId } = await tracking.run(runId);
      const root = `${experimentId}/${runId}/artifacts`;
      await tracking.putArtifact(me, runId, { path: 'plots/roc.txt', bytes: Buffer.from('curve') });
      await put(`${root}/model/MLmodel`, 'flavors: {}');
      expect((await tracking.artifacts(runId)).map(({ path }) => path)).toEqual(['model/MLmodel', 'plots/roc.txt']);
      const events = await readLedger(db, { afterSeq: 0, limit: 10_000, types: ['tracking.artifact-put'] });
      expect(events.filter(({ subject }) => subject.id === runId).map(({ payload }) => payload)).toMatchObject([
        { runId, path: 'plots/roc.txt' },
        { runId, path: 'model/MLmodel' },
      ]);
      await tracking.removeArtifacts(me, runId, 'plots');
      expect(await tracking.files.listFolder(root)).toEqual([{ name: 'model', isFolder: true, sizeBytes: null }]);
      const gone = tracking.removeArtifacts(me, runId, 'plots');
      await expect(gone).rejects.toMatchObject({ code: 'TRK_ARTIFACT_NOT_FOUND' });
    });

    it('links an object that is stored, and refuses one that is not', async () => {
      const { digest } = await put(`${top}/a`, 'linked');
      expect(await tracking.files.linkFile(me, `${top}/b`, digest)).toMatchObject({ digest, sizeBytes: 6 });
      const missing = tracking.files.linkFile(me, `${top}/c`, sha256('never stored'));
      await expect(missing).rejects.toMatchObject({ code: 'OBJ_NOT_FOUND' });
    });

    it('joins an upload in parts, in whatever order they come, and a part again replaces it', async () => {
      const path = `${top}/big.bin`;
      const { uploadId } = await tracking.files.beginUpload(me, path, 3);
      await tracking.files.putPart(uploadId, 3, pieces('three'));
      await tracking.files.putPart(uploadId, 1, pieces('wrong'));
      const second = await tracking.files.putPart(uploadId, 2, pieces('t', 'wo '));
      const first = await tracking.files.putPart(uploadId, 1, pieces('one '));
      expect(second).toEqual({ etag: sha256('two '), sizeBytes: 4 });
      const { parts, expected } = await tracking.files.upload(uploadId);
      expect([expected, parts.map(({ partNumber, sizeBytes }) => [partNumber, sizeBytes])]).toEqual([
        3,
        [
          [1, 4],
          [2, 4],
          [3, 5],
        ],
      ]);
      expect(await tracking.files.file(path)).toBeUndefined();
      const named = parts.map(({ partNumber, etag }) => ({ partNumber, etag: `"${etag}"` }));
      const [file, again] = await Promise.all([
        tracking.files.completeUpload(me, uploadId, named),
        tracking.files.completeUpload(me, uploadId, named),
      ]);
      expect(await read(path)).toBe('one two three');
      expect([file.digest, file.sizeBytes]).toEqual([sha256('one two three'), 13]);
      expect(again).toEqual(file);
      expect(await tracking.files.completeUpload(me, uploadId, named)).toEqual(file);
      expect(existsSync(join(folder, 'uploads', uploadId))).toBe(false);
      const late = tracking.files.putPart(uploadId, 1, pieces('late'));
      await expect(late).rejects.toMatchObject({ code: 'TRK_UPLOAD_CLOSED' });
      await expect(tracking.files.abortUpload(uploadId)).rejects.toMatchObject({ code: 'TRK_UPLOAD_CLOSED' });
      expect(first.etag).toBe(sha256('one '));
    });

    it('joins nothing unless every part is there, named once, in order and with its ETag', async () => {
      const { uploadId } = await tracking.files.beginUpload(me, `${top}/x`, 2);
      const one = { partNumber: 1, ...(await tracking.files.putPart(uploadId, 1, pieces('1'))) };
      const complete = (...parts: { partNumber: number; etag: string }[]) =>
        tracking.files.completeUpload(me, uploadId, parts).catch((error) => error.data ?? error);
      expect(await complete(one)).toMatchObject({ missing: [2], disordered: true });
      const two = { partNumber: 2, ...(await tracking.files.putPart(uploadId, 2, pieces('2'))) };
      expect(await complete(two, one)).toMatchObject({ disordered: true });
      expect(await complete(one, one)).toMatchObject({ disordered: true });
      expect(await complete(one)).toMatchObject({ disordered: true });
      expect(await complete(one, { ...two, etag: one.etag })).toMatchObject({ different: [2] });
      expect(await tracking.files.file(`${top}/x`)).toBeUndefined();
      expect(await complete(one, two)).toMatchObject({ digest: sha256('12') });
    });

    it('refuses parts that do not belong to an upload', async () => {
      const code = (work: Promise<unknown>) => work.then(() => 'accepted').catch((error) => error.code);
      const begin = (path: string, parts: number) => code(tracking.files.beginUpload(me, path, parts));
      expect(await begin('../x', 1)).toBe('TRK_ARTIFACT_PATH_INVALID');
      for (const parts of [0, -1, 1.5, 10_001, Number.NaN]) {
        expect(await begin(`${top}/x`, parts)).toBe('TRK_UPLOAD_PARTS_INVALID');
      }
      const { uploadId } = await tracking.files.beginUpload(me, `${top}/x`, 2);
      for (const part of [0, 3, 1.5, Number.NaN]) {
        expect(await code(tracking.files.putPart(uploadId, part, pieces('x')))).toBe('TRK_UPLOAD_PARTS_INVALID');
      }
      for (const id of ['nothing', '../..', '', 'f'.repeat(32)]) {
        expect(await code(tracking.files.putPart(id, 1, pieces('x')))).toBe('TRK_UPLOAD_NOT_FOUND');
        expect(await code(tracking.files.upload(id))).toBe('TRK_UPLOAD_NOT_FOUND');
        await tracking.files.abortUpload(id);
      }
      await tracking.files.abortUpload(uploadId);
      expect(await code(tracking.files.upload(uploadId))).toBe('TRK_UPLOAD_NOT_FOUND');
    });

    it('goes on after the server was killed with the parts that it had acknowledged', async () => {
      const { uploadId } = await tracking.files.beginUpload(me, `${top}/x`, 2);
      await tracking.files.putPart(uploadId, 1, pieces('before '));
      const broken = async function* () {
        yield Buffer.from('half');
        throw new Error('client went away');
      };
      await expect(tracking.files.putPart(uploadId, 2, broken())).rejects.toThrow('client went away');
      const next = createTracking({ db, objects: createLocalObjectStore(folder), clock, version: '0.0.0' });
      expect((await next.files.upload(uploadId)).parts.map(({ partNumber }) => partNumber)).toEqual([1]);
      await next.files.putPart(uploadId, 2, pieces('after'));
      const { parts } = await next.files.upload(uploadId);
      await next.files.completeUpload(me, uploadId, parts);
      expect(await read(`${top}/x`)).toBe('before after');
    });

    it('drops what nobody went on with for a day, and nothing younger', async () => {
      const old = await tracking.files.beginUpload(me, `${top}/old`, 1);
      await tracking.files.putPart(old.uploadId, 1, pieces('x'));
      clock.advance(DAY_MS - 1);
      const young = await tracking.files.beginUpload(me, `${top}/young`, 1);
      await tracking.files.putPart(young.uploadId, 1, pieces('y'));
      await tracking.files.sweepUploads();
      expect(readdirSync(join(folder, 'uploads'))).toContain(old.uploadId);
      clock.advance(1);
      await expect(tracking.files.upload(old.uploadId)).rejects.toMatchObject({ code: 'TRK_UPLOAD_NOT_FOUND' });
      await tracking.files.sweepUploads();
      const kept = readdirSync(join(folder, 'uploads'));
      expect([kept.includes(old.uploadId), kept.includes(young.uploadId)]).toEqual([false, true]);
    });
  });
}
