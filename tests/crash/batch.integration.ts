import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type FairleadClient, type NewBatch } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProcess } from '../../bench/harness/run-process.mjs';
import { freePort } from '../../bench/harness/watched-process.mjs';
import { createLake } from '../../packages/server/src/platform/lake/index.js';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { addPeople, runToRelease, signAndRollOut, smallProject } from '../harness/port-weather.js';

/** Some seconds of work, in five parts. */
const ROWS = 2_400_000;

const { folder, dispose } = temporaryFolder('batch-crash');
const input = join(folder, 'days.parquet');
const program = new URL('../../packages/cli/dist/bin.js', import.meta.url).pathname;
let port: number;
let server: LiveServer;
let client: FairleadClient;

beforeAll(async () => {
  const lake = await createLake({ tempFolder: join(folder, 'temp'), allowedFolders: [folder] });
  await lake.exportParquet(
    `SELECT i AS id, (i % 50)::FLOAT AS precipitation, (i % 35)::DOUBLE AS temp_max, (i % 20)::DOUBLE AS temp_min, ((i * 7) % 90) / 10 AS wind, ['sun', 'rain', 'fog'][i % 3 + 1] AS weather, i % 4 = 0 AS raining FROM range(${ROWS}) t(i)`,
    input,
  );
  await lake.close();
  port = await freePort();
  server = await start();
  const project = smallProject(folder);
  project.endpoints.rain.release.gates = [{ kind: 'contract' }];
  project.endpoints.rain.release.rollout = { kind: 'all-at-once' };
  project.rules = {};
  await client.projects.apply({ folder, project });
  const people = await addPeople(client);
  const release = await runToRelease(people);
  await signAndRollOut(people, client, release.id);
});
afterAll(async () => {
  await server?.stop();
  dispose();
});

async function start(): Promise<LiveServer> {
  const started = await startLiveServer({ folder, port });
  client = createClient({ url: started.url, maxRetries: 0 });
  return started;
}

const ask = (output: string, more: Partial<NewBatch> = {}) =>
  client.batches.start({ endpoint: 'rain', input, output: join(folder, output), keep: ['id'], ...more });

async function untilRatio(id: string, ratio: number): Promise<void> {
  await client.batches
    .wait(id, {
      onProgress: (view) => {
        if (view.progress.ratio >= ratio) throw new Error('far enough');
      },
    })
    .catch((error: unknown) => {
      if (!(error instanceof Error) || error.message !== 'far enough') throw error;
    });
}

describe('a batch of a server', () => {
  let digest: string;

  it('answers by the live version, and stands in ledger and lineage', async () => {
    const { id, target } = await ask('whole.parquet');
    expect(target).toMatchObject({ endpoint: 'rain', environment: 'production', version: 1 });
    const batch = await client.batches.wait(id);
    expect(batch).toMatchObject({ state: 'succeeded', result: { rows: ROWS, errorRows: 0, resumedRows: 0 } });
    digest = batch.result?.digest ?? '';
    const graph = await client.lineage.walk('source', digest, { direction: 'up' });
    expect(graph.nodes.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['model-version', 'run']));
    const { items } = await client.audit.list({ type: 'serving.batch-scored' });
    expect(items[0]).toMatchObject({ payload: { model: target.model, version: 1, rows: ROWS, outputDigest: digest } });
  });

  it('killed with the server in the middle, goes on after the restart and gives the same bytes', async () => {
    const { id } = await ask('killed.parquet');
    await untilRatio(id, 0.3);
    await server.kill();
    expect(existsSync(join(folder, 'killed.parquet'))).toBe(false);
    server = await start();
    const batch = await client.batches.wait(id);
    expect(batch).toMatchObject({ state: 'succeeded', result: { rows: ROWS, digest } });
    expect(batch.result?.resumedRows).toBeGreaterThan(0);
    expect(existsSync(join(folder, '.killed.parquet.batch'))).toBe(false);
  });

  it('is cancelled, and the same batch goes on where it was', async () => {
    const { id } = await ask('cancelled.parquet');
    await untilRatio(id, 0.3);
    await client.batches.cancel(id);
    expect(await client.batches.wait(id)).toMatchObject({ state: 'cancelled' });
    expect(existsSync(join(folder, 'cancelled.parquet'))).toBe(false);
    const again = await ask('cancelled.parquet');
    expect(again.id).not.toBe(id);
    const batch = await client.batches.wait(again.id);
    expect(batch).toMatchObject({ state: 'succeeded', result: { digest } });
    expect(batch.result?.resumedRows).toBeGreaterThan(0);
  });

  it('refuses what it may not read or write, and who names nobody', async () => {
    const code = (error: unknown) => (error as { code?: string }).code;
    const refused = async (more: Partial<NewBatch>) => ask('x.parquet', more).then(() => 'taken', code);
    expect(await refused({ input: '/etc/passwd' })).toBe('SRV_BATCH_INPUT');
    expect(await refused({ input: join(folder, 'home', 'fairlead.db') })).toBe('SRV_BATCH_INPUT');
    expect(await refused({ output: '/tmp/elsewhere.parquet' })).toBe('SRV_BATCH_OUTPUT');
    expect(await refused({ output: join(folder, 'home', 'x.parquet') })).toBe('SRV_BATCH_OUTPUT');
    expect(await refused({ output: join(folder, 'x.csv') })).toBe('SRV_BATCH_OUTPUT');
    expect(await refused({ output: input })).toBe('SRV_BATCH_OUTPUT');
    expect(await refused({ model: 'rain-tomorrow@1' })).toBe('SRV_BATCH_INVALID');
    expect(await refused({ endpoint: 'none' })).toBe('SRV_ENDPOINT_NOT_FOUND');
    expect(await refused({ environment: 'staging' })).toBe('SRV_NOT_ROUTED');
  });

  it('gives the same bytes by the command line, on the home without a server', async () => {
    const answer = await runProcess([
      ...([process.execPath, program, 'batch', '--endpoint', 'rain', input, join(folder, 'cli.parquet')] as const),
      ...['--keep', 'id', '--url', server.url, '--json'],
    ]);
    expect(JSON.parse(answer.stdout)).toMatchObject({ result: { digest } });
    await server.stop();
    const offline = await runProcess([
      ...([process.execPath, program, 'batch', '--endpoint', 'rain', input, join(folder, 'home.parquet')] as const),
      ...['--keep', 'id', '--home', join(folder, 'home'), '--json'],
    ]);
    expect(JSON.parse(offline.stdout)).toMatchObject({ result: { digest, rows: ROWS } });
    expect(readFileSync(join(folder, 'home.parquet')).equals(readFileSync(join(folder, 'whole.parquet')))).toBe(true);
    server = await start();
    const { items } = await client.audit.list({ type: 'serving.batch-scored' });
    expect(items).toHaveLength(5);
  });
});
