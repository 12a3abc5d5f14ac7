import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../platform/config/index.js';
import { localActor } from '../platform/identity/index.js';
import { createLogger } from '../platform/telemetry/index.js';
import { createFairlead, type Fairlead } from './create-fairlead.js';

const me = { actor: localActor };
const COMMIT = 'abc123'.padEnd(40, '0');

describe('lineage over the API', () => {
  let home: string;
  let fairlead: Fairlead;
  let versionId: string;
  let runId: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'fairlead-lineage-'));
    const config = loadConfig({ flags: { home, logLevel: 'silent' }, env: {}, cwd: home });
    fairlead = await createFairlead({ config, logger: createLogger(config), cwd: home });
    await fairlead.app.ready();
    const { data, tracking } = fairlead.rooms;
    writeFileSync(join(home, 'w.csv'), 'a,b\n1,2\n3,4\n');
    await data.declare(me, 'weather', { source: { path: join(home, 'w.csv') } });
    const { version } = await data.ingest(me, { dataset: 'weather' });
    versionId = version?.id ?? '';
    await fairlead.platform.dispatcher.drain();
    const captured = await tracking.captureEnvironment(home, {});
    const git = { commit: COMMIT, branch: null, dirty: false, diffDigest: null };
    runId = (await tracking.startRun(me, { experiment: 'e', name: 'fit', environment: { ...captured, git } })).id;
    await fairlead.platform.db.transact(me, (tx) =>
      tracking.link(tx, [
        { from: { kind: 'dataset-version', id: versionId }, to: { kind: 'run', id: runId }, relation: 'input-of' },
        { from: { kind: 'run', id: runId }, to: { kind: 'model-version', id: 'gone/1' }, relation: 'produced-by' },
      ]),
    );
  });
  afterAll(async () => {
    await fairlead.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const get = async (query: string) => {
    const answer = await fairlead.app.inject({ url: `/api/v1/lineage?${query}`, headers: { host: '127.0.0.1' } });
    return { status: answer.statusCode, body: answer.json() };
  };

  it('says of every node what it is called, when it came to be, its digest and where to read on', async () => {
    const { body } = await get(`kind=run&id=${runId}`);
    const byKind = Object.fromEntries(body.nodes.map((node: { kind: string }) => [node.kind, node]));
    expect(byKind['dataset-version']).toMatchObject({
      name: 'weather 1',
      digest: versionId,
      link: '/api/v1/datasets/weather/versions/1',
      distance: 1,
      known: true,
    });
    expect(byKind.source).toMatchObject({ name: expect.stringContaining('w.csv'), atMs: expect.any(Number) });
    expect(byKind.run).toMatchObject({ name: 'fit', distance: 0, link: `/api/v1/runs/${runId}` });
    expect(byKind.code).toMatchObject({ id: COMMIT, name: COMMIT.slice(0, 12) });
    expect(byKind.environment.name).toContain(process.version);
    expect(byKind['model-version']).toMatchObject({ name: 'gone/1', known: false, link: null });
    for (const { link } of body.nodes.filter((node: { link: string | null }) => node.link !== null)) {
      const answer = await fairlead.app.inject({ url: link, headers: { host: '127.0.0.1' } });
      expect(answer.statusCode, link).toBe(200);
    }
  });

  it('answers what stands downstream of a dataset version, by kind and by distance', async () => {
    const all = await get(`kind=dataset-version&id=${versionId}&direction=down&kinds=model-version`);
    expect(all.body.edges).toEqual([
      {
        from: { kind: 'dataset-version', id: versionId },
        to: { kind: 'model-version', id: 'gone/1' },
        relation: 'derived-from',
      },
    ]);
    const near = await get(`kind=dataset-version&id=${versionId}&direction=down&maxDepth=1`);
    expect(near.body).toMatchObject({ truncated: true, cutOff: ['max-depth'] });
    expect(near.body.nodes).toHaveLength(2);
  });

  it('knows nothing of what it has never heard of, and refuses what it cannot read', async () => {
    const unknown = await get('kind=run&id=unknown&direction=up');
    expect(unknown.body).toMatchObject({ nodes: [{ id: 'unknown', known: false }], edges: [], cutOff: [] });
    for (const query of [
      'kind=run',
      'kind=run&id=x&maxDepth=0',
      'kind=run&id=x&kinds=A,',
      'kind=run&id=x&maxNodes=1e9',
    ]) {
      expect((await get(query)).status, query).toBe(400);
    }
    for (const id of ['nothing', '/', 'x/y', '@/x', `${'a'.repeat(2000)}/1`]) {
      for (const kind of ['prediction', 'model-version', 'artifact', 'dataset', 'deployment', '__proto__', 'source']) {
        const answer = await get(`kind=${kind}&id=${encodeURIComponent(id)}`);
        expect(answer.status, `${kind} ${id}`).toBe(200);
      }
    }
  });
});
