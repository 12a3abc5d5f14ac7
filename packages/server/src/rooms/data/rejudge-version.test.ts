import { chmodSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLedger } from '../../platform/db/index.js';
import { context, openTestHome, type TestHome } from './data.fixture.js';
import type { DatasetSpec, DatasetVersion, IngestRequest } from './data-types.js';

let home: TestHome;
beforeEach(async () => {
  home = await openTestHome();
});
afterEach(() => home.dispose());

const columns = { id: { type: 'integer', required: true }, x: { type: 'number', min: 0 } } as const;
const declared: DatasetSpec = {
  source: { path: 'a.csv', columns },
  entity: ['id'],
  checks: [{ name: 'one', kind: 'unique', columns: ['id'] }],
  maxRejectedRatio: 0.9,
};
const rows = (...values: (number | string)[][]) => ['id,x', ...values.map((row) => row.join(','))].join('\n');

async function ingest(spec: DatasetSpec, request: Partial<IngestRequest> = {}): Promise<DatasetVersion> {
  await home.data.declare(context, 'd', spec);
  const { version } = await home.data.ingest(context, { dataset: 'd', ...request });
  if (version === null) throw new Error('the delivery was refused');
  return version;
}

async function spoil(digest: string): Promise<void> {
  const path = await home.objects.localPath(digest);
  chmodSync(path, 0o600);
  writeFileSync(path, 'spoilt');
}

describe('a version judged again from the bytes that were kept', () => {
  it('has the same id, though the source is another by now, and nothing is recorded', async () => {
    home.write('a.csv', rows([1, 2], [2, -1], [1, 3], [3, 'x']));
    const { id: versionId } = await ingest(declared);
    home.write('a.csv', 'gone');
    const entries = (await readLedger(home.db, { afterSeq: 0, limit: 1000 })).length;
    expect(entries).toBeGreaterThan(0);
    expect(await home.data.rejudge({ versionId })).toEqual({ versionId, changed: [] });
    expect((await readLedger(home.db, { afterSeq: 0, limit: 1000 })).length).toBe(entries);
    expect(await home.data.deliveries('d')).toHaveLength(1);
  });

  it('has the same id where its columns were inferred, with gaps and text among numbers', async () => {
    home.write(
      'a.csv',
      `id,x,t\n${Array.from({ length: 60 }, (_, i) => `${i},${i === 5 ? 'NA' : i / 4},t${i % 3}`).join('\n')}`,
    );
    const { id: versionId } = await ingest({ source: { path: 'a.csv' } });
    expect(await home.data.rejudge({ versionId })).toEqual({ versionId, changed: [] });
  });

  it('is judged beside the rows it was appended to, and under the condition that was asked for', async () => {
    home.write('a.csv', rows([1, 2], [2, 3]));
    await ingest(declared);
    home.write('b.jsonl', '{"id":2,"x":1}\n{"id":3,"x":1}\n{"id":4,"x":9}\n');
    const where = 'x < 5';
    const { id: versionId, rows: held } = await ingest(declared, {
      source: { path: 'b.jsonl', where },
      mode: 'append',
    });
    expect(held).toBe(3);
    expect(await home.data.rejudge({ versionId, where })).toEqual({ versionId, changed: [] });
    expect((await home.data.rejudge({ versionId })).changed).toEqual([expect.stringMatching(/^contract of d: /)]);
  });

  it('names a changed contract, and a refusal under it', async () => {
    home.write('a.csv', rows([1, 2], [2, 3]));
    const { id: versionId } = await ingest(declared);
    const strict = { ...columns, x: { type: 'number', min: 100 } } as const;
    await home.data.declare(context, 'd', { ...declared, source: { path: 'a.csv', columns: strict } });
    expect(await home.data.rejudge({ versionId })).toEqual({
      versionId: null,
      changed: [
        expect.stringMatching(/^contract of d: [0-9a-f]{12} → [0-9a-f]{12}$/),
        'the delivery would be refused: 2 rows',
      ],
    });
  });

  it('names the file whose bytes are damaged', async () => {
    home.write('a.csv', rows([1, 2]));
    const { id: versionId } = await ingest(declared);
    const [delivery] = await home.data.deliveries('d');
    await spoil(delivery?.sourceDigest ?? '');
    const { changed, versionId: now } = await home.data.rejudge({ versionId });
    expect([now, changed]).toEqual([
      null,
      [expect.stringMatching(/^source: the bytes of a.csv .* not those that came$/)],
    ]);
  });
});

describe('a split made again', () => {
  it('has the same rows and bytes in every part, unless the version is damaged', async () => {
    home.write('a.csv', rows(...Array.from({ length: 50 }, (_, i) => [i, i])));
    const version = await ingest(declared);
    const spec = { by: 'random', parts: { train: 0.7, test: 0.3 }, seed: 4 } as const;
    const made = await home.data.split(context, version.id, spec);
    const { before, after } = await home.data.resplit(made.id);
    expect(before).toEqual(made);
    expect(after).toEqual({ id: made.id, parts: made.parts });
    await spoil(version.files[0]?.digest ?? '');
    await expect(home.data.resplit(made.id)).rejects.toMatchObject({ code: 'OBJ_CORRUPT' });
  });
});
