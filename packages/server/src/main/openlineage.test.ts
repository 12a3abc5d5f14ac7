import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../platform/config/index.js';
import { readLedger } from '../platform/db/index.js';
import { localActor } from '../platform/identity/index.js';
import { createLogger } from '../platform/telemetry/index.js';
import type { RunEvent } from '../rooms/governance/index.js';
import { createFairlead, type Fairlead } from './create-fairlead.js';
import { problemsOf } from './openlineage-schema.fixture.js';

const me = { actor: localActor };
const KEY = 'a secret key';
const NAMESPACE = 'fairlead://first';

interface Request {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly event: RunEvent;
}

/** Answers with the statuses of `answers` one after the other, then with 201, and keeps what it took. */
async function openReceiver() {
  const [taken, answers]: [Request[], number[]] = [[], []];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const status = answers.shift() ?? 201;
      if (status === 201) taken.push({ headers: request.headers, event: JSON.parse(body) });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api/v1/lineage`,
    taken,
    answers,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

describe('OpenLineage', () => {
  const homes: string[] = [];
  const servers: Fairlead[] = [];
  let receiver: Awaited<ReturnType<typeof openReceiver>>;
  beforeAll(async () => {
    receiver = await openReceiver();
  });
  afterAll(async () => {
    for (const server of servers) await server.stop();
    for (const home of homes) rmSync(home, { recursive: true, force: true });
    await receiver.close();
  });
  const newHome = () => {
    const home = mkdtempSync(join(tmpdir(), 'fairlead-openlineage-'));
    homes.push(home);
    return home;
  };
  const open = async (home: string, env: Record<string, string>): Promise<Fairlead> => {
    const config = loadConfig({ flags: { home, logLevel: 'silent', port: 0 }, env, cwd: home });
    const fairlead = await createFairlead({ config, logger: createLogger(config), cwd: home });
    servers.push(fairlead);
    return fairlead;
  };
  const telling = () => ({
    FAIRLEAD_OPENLINEAGE_URL: receiver.url,
    FAIRLEAD_OPENLINEAGE_API_KEY: KEY,
    FAIRLEAD_OPENLINEAGE_NAMESPACE: NAMESPACE,
    FAIRLEAD_WEBHOOK_ALLOW_PRIVATE: 'true',
  });
  const post = async ({ app }: Fairlead, payload: object, path = '') => {
    const headers = { host: '127.0.0.1' };
    const answer = await app.inject({ method: 'POST', url: `/api/v1/lineage${path}`, headers, payload });
    return { status: answer.statusCode, body: answer.json() };
  };
  const get = async ({ app }: Fairlead, path: string) => {
    const answer = await app.inject({ url: `/api/v1/lineage${path}`, headers: { host: '127.0.0.1' } });
    return { status: answer.statusCode, body: answer.json() };
  };
  /** Resolves when everything that waits was sent; the jobs themselves keep trying until then. */
  const settled = async ({ platform }: Fairlead) => {
    await platform.dispatcher.drain();
    for (;;) {
      const [job] = await platform.jobs.list({ kind: 'governance.emit-openlineage', limit: 1 });
      if (job === undefined || job.state === 'succeeded') return;
      await platform.jobs.waitFor(job.id, { timeoutMs: 1_000 });
    }
  };

  it('tells of data, splits and runs in order, however often the receiver fails, and after a restart', async () => {
    const home = newHome();
    let fairlead = await open(home, telling());
    await fairlead.platform.dispatcher.drain();
    writeFileSync(join(home, 'w.csv'), `t,a\n${Array.from({ length: 20 }, (_, i) => `${i},${i % 3}`).join('\n')}\n`);
    await fairlead.rooms.data.declare(me, 'weather', {
      source: { path: join(home, 'w.csv') },
      description: 'Days at the port',
    });
    const { version } = await fairlead.rooms.data.ingest(me, { dataset: 'weather' });
    const versionId = version?.id ?? '';
    const split = await fairlead.rooms.data.split(me, versionId, {
      by: 'random',
      parts: { train: 0.5, test: 0.5 },
      seed: 1,
    });
    const tags = { 'mlflow.source.git.repoURL': 'https://git.example/ml', 'mlflow.source.git.commit': 'c'.repeat(40) };
    const parent = await fairlead.rooms.tracking.startRun(me, { experiment: 'rain', name: 'all', tags });
    const child = await fairlead.rooms.tracking.startRun(me, { experiment: 'rain', parentRunId: parent.id });
    await fairlead.platform.db.transact(me, (tx) =>
      fairlead.rooms.tracking.link(tx, [
        { from: { kind: 'split', id: split.id }, to: { kind: 'run', id: child.id }, relation: 'input-of' },
        { from: { kind: 'run', id: child.id }, to: { kind: 'model', id: 'e'.repeat(64) }, relation: 'output-of' },
      ]),
    );
    await fairlead.rooms.tracking.endRun(me, child.id, 'finished');
    await fairlead.rooms.tracking.endRun(me, parent.id, 'failed');
    await fairlead.platform.dispatcher.drain();
    await fairlead.stop();

    receiver.answers.push(503, 429);
    fairlead = await open(home, telling());
    await fairlead.platform.jobs.start();
    await settled(fairlead);

    const events = receiver.taken.map(({ event }) => event);
    expect(events.flatMap(problemsOf)).toEqual([]);
    expect(events.map(({ job, eventType }) => `${job.name} ${eventType}`)).toEqual([
      'ingest/weather START',
      'ingest/weather COMPLETE',
      'split/weather START',
      'split/weather COMPLETE',
      'rain START',
      'rain START',
      'rain COMPLETE',
      'rain FAIL',
    ]);
    expect(receiver.taken.every(({ headers }) => headers.authorization === `Bearer ${KEY}`)).toBe(true);
    const [ingested, parted, ended] = [events[1], events[3], events[6]];
    expect(ingested?.inputs).toMatchObject([{ namespace: 'file', name: expect.stringContaining('w.csv') }]);
    expect(ingested?.outputs).toMatchObject([
      {
        namespace: NAMESPACE,
        name: 'dataset/weather',
        facets: {
          version: { datasetVersion: '1' },
          schema: { fields: [{ name: 't', type: 'integer' }, { name: 'a' }] },
          documentation: { description: 'Days at the port' },
        },
        outputFacets: { outputStatistics: { rowCount: 20 } },
      },
    ]);
    expect(parted?.outputs?.[0]).toMatchObject({
      name: `split/${split.id}`,
      facets: { columnLineage: { fields: { a: { inputFields: [{ name: 'dataset/weather', field: 'a' }] } } } },
    });
    expect(ended?.run.facets?.parent).toMatchObject({ job: { name: 'rain' }, run: { runId: events[4]?.run.runId } });
    expect(ended?.inputs).toMatchObject([{ name: `split/${split.id}` }]);
    expect(ended?.outputs).toMatchObject([{ name: `package/${'e'.repeat(64)}` }]);
    expect(events[4]?.job.facets?.sourceCodeLocation).toMatchObject({
      url: 'https://git.example/ml',
      version: 'c'.repeat(40),
    });

    receiver.answers.push(422);
    const refused = await fairlead.rooms.tracking.startRun(me, { experiment: 'refused' });
    await fairlead.rooms.tracking.endRun(me, refused.id, 'killed');
    await settled(fairlead);
    expect(receiver.taken.slice(8).map(({ event }) => event.eventType)).toEqual(['ABORT']);
    const query = { afterSeq: 0, limit: 10, types: ['governance.lineage-refused'] };
    expect(await readLedger(fairlead.platform.db, query)).toMatchObject([{ payload: { reason: 'status 422' } }]);
  });

  it('sends nothing, keeps nothing and listens to nothing when no address is set', async () => {
    const fairlead = await open(newHome(), {});
    await fairlead.rooms.tracking.startRun(me, { experiment: 'quiet' });
    await fairlead.platform.dispatcher.drain();
    expect(await fairlead.platform.jobs.list({ kind: 'governance.emit-openlineage' })).toEqual([]);
  });

  it('takes in what another Fairlead tells, once, and shows it in the graph', async () => {
    const other = await open(newHome(), { FAIRLEAD_OPENLINEAGE_NAMESPACE: 'fairlead://second' });
    const events = receiver.taken.map(({ event }) => event);
    const [first] = events;
    expect(await post(other, first ?? {})).toEqual({ status: 201, body: { received: 1, stored: 1 } });
    expect(await post(other, events)).toEqual({ status: 201, body: { received: 9, stored: 8 } });
    expect(await post(other, events, '/batch')).toEqual({ status: 201, body: { received: 9, stored: 0 } });
    const listed = await get(other, '/events?limit=4');
    expect(listed.body.items).toHaveLength(4);
    const more = await get(other, `/events?limit=10&pageToken=${listed.body.nextPageToken}`);
    expect(more.body).toMatchObject({ nextPageToken: null });
    const all = [...listed.body.items, ...more.body.items].map(({ event }: { event: RunEvent }) => event);
    expect(all).toHaveLength(9);
    expect(all).toEqual(expect.arrayContaining(events));

    const job = encodeURIComponent(`${NAMESPACE} ingest/weather`);
    const graph = (await get(other, `?kind=external-job&id=${job}&direction=down`)).body;
    const names = graph.nodes.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`);
    expect(names).toEqual(
      expect.arrayContaining([
        `external-job ${NAMESPACE} ingest/weather`,
        `external-run ${NAMESPACE} ingest/weather: COMPLETE`,
        `external-dataset ${NAMESPACE} dataset/weather`,
        `external-run ${NAMESPACE} rain: COMPLETE`,
      ]),
    );
    for (const { link } of graph.nodes) {
      if (link === null) continue;
      expect((await get(other, link.replace('/api/v1/lineage', ''))).status, link).toBe(200);
    }
  });

  it('joins the events of other systems to our own runs and dataset versions by their names', async () => {
    const home = newHome();
    const fairlead = await open(home, { FAIRLEAD_OPENLINEAGE_NAMESPACE: NAMESPACE });
    writeFileSync(join(home, 'w.csv'), 'a,b\n1,2\n');
    await fairlead.rooms.data.declare(me, 'weather', { source: { path: join(home, 'w.csv') } });
    const { version } = await fairlead.rooms.data.ingest(me, { dataset: 'weather' });
    const run = await fairlead.rooms.tracking.startRun(me, { experiment: 'rain' });
    const facet = { _producer: 'urn:airflow', _schemaURL: 'urn:schema' };
    const airflow = {
      eventTime: '2026-11-21T10:00:00Z',
      eventType: 'COMPLETE',
      producer: 'https://airflow.example',
      schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
      run: { runId: '0176a8c2-fe01-7439-87e6-56a1a1b4029f' },
      job: { namespace: 'airflow', name: 'dag.score' },
      inputs: [
        { namespace: NAMESPACE, name: 'dataset/weather', facets: { version: { ...facet, datasetVersion: '1' } } },
        {
          namespace: 'warehouse',
          name: 'models',
          facets: {
            symlinks: { ...facet, identifiers: [{ namespace: NAMESPACE, name: 'model/rain@2', type: 'TABLE' }] },
          },
        },
      ],
      outputs: [{ namespace: 's3://bucket', name: 'scores' }],
    };
    const dashes = (id: string) => id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const parent = { ...facet, run: { runId: airflow.run.runId }, job: airflow.job };
    const inside = { ...airflow, run: { runId: dashes(run.id), facets: { parent } }, inputs: [], outputs: [] };
    expect((await post(fairlead, [airflow, inside])).body).toEqual({ received: 2, stored: 2 });
    const below = `?kind=dataset-version&id=${version?.id}&direction=down`;
    const { nodes } = (await get(fairlead, below)).body;
    expect(nodes.map(({ kind, id }: { kind: string; id: string }) => `${kind} ${id}`)).toEqual([
      `dataset-version ${version?.id}`,
      `external-run ${airflow.run.runId.replaceAll('-', '')}`,
      'external-dataset s3://bucket scores',
      `run ${run.id}`,
    ]);
    const model = (await get(fairlead, '?kind=model-version&id=rain/2&direction=down')).body.nodes;
    expect(model.map(({ kind }: { kind: string }) => kind)).toContain('external-run');
  });

  it('refuses what is no event, all of a list together, and says where it is wrong', async () => {
    const fairlead = await open(newHome(), {});
    const good = receiver.taken[0]?.event as RunEvent;
    const bad = { ...good, eventTime: 'yesterday' };
    const answer = await post(fairlead, [good, bad]);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'GOV_LINEAGE_EVENT_INVALID', data: { issues: [{ event: 1, path: 'eventTime' }] } } },
    });
    expect((await get(fairlead, '/events')).body.items).toEqual([]);
    for (const payload of [{}, [1], ['x'], [[good]]]) expect((await post(fairlead, payload)).status).toBe(400);
    expect((await post(fairlead, { ...good }, '/batch')).status).toBe(400);
    const many = Array.from({ length: 1_001 }, () => good);
    expect(await post(fairlead, many)).toMatchObject({
      status: 413,
      body: { error: { code: 'GOV_LINEAGE_TOO_MANY' } },
    });
    const long = { ...good, job: { namespace: 'é'.repeat(3_000), name: 'x'.repeat(3_000) } };
    expect((await post(fairlead, long)).status).toBe(201);
    const found = await get(
      fairlead,
      `/events?namespace=${encodeURIComponent(long.job.namespace)}&name=${long.job.name}`,
    );
    expect(found.status).toBe(200);
    expect(found.body.items).toHaveLength(1);
  });
});
