import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { type RunningServer, startServer } from '@fairlead/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../testing-io.fixture.js';

describe('the life of tracked things on the command line', () => {
  let home: string;
  let server: RunningServer;
  let client: FairleadClient;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'fairlead-life-'));
    server = await startServer({ flags: { home, port: 0, logLevel: 'silent' }, env: {}, cwd: home });
    client = createClient({ url: server.url });
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const fairlead = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await run([...args, '--url', server.url]);
    return { exitCode, text: stdout + stderr };
  };
  const startRun = async (experiment: string, depth: number) =>
    (await client.runs.start({ experiment, name: 'r', params: { depth, seed: 7 } })).id;

  it('compares runs by what differs, deletes them, brings them back and purges them', async () => {
    const [a, b] = [await startRun('rain', 3), await startRun('rain', 4)];
    await client.runs.log(a, { metrics: [{ key: 'loss', value: 0.25, step: 0, timestampMs: 0 }] });
    const { text } = await fairlead('tracking', 'compare', a, b);
    expect(text.split('\n')[0]).toContain(`${a}`);
    expect(text).toMatch(/param +depth +3 +4\n/);
    expect(text).toMatch(/metric +loss +0\.25 +–\n/);
    expect(text).not.toContain('seed');

    expect((await fairlead('tracking', 'delete', a, b)).text).toContain('2 runs deleted.');
    expect((await client.runs.get(b)).lifecycle).toBe('deleted');
    expect((await fairlead('tracking', 'restore', b)).text).toBe('1 run brought back.\n');
    const refused = await fairlead('tracking', 'purge', '--run', a, '--run', b, '--apply');
    expect(refused).toMatchObject({ exitCode: 1, text: expect.stringContaining('TRK_NOT_PURGEABLE') });
    const would = '1 run, 0 experiments, 0 logged models with 1 point and 0 files of 0 B';
    expect((await fairlead('tracking', 'purge', '--run', a)).text).toBe(
      `${would} would go for good; --apply removes them.\n`,
    );
    expect((await client.runs.get(a)).lifecycle).toBe('deleted');
    expect((await fairlead('tracking', 'purge', '--older-than', '1h', '--apply')).text).toBe('Nothing to remove.\n');
    expect((await fairlead('tracking', 'purge', '--experiment', 'rain', '--apply')).text).toContain(`${would} removed`);
    await expect(client.runs.get(a)).rejects.toMatchObject({ code: 'TRK_RUN_NOT_FOUND' });
    expect((await fairlead('tracking', 'purge', '--older-than', 'soon')).exitCode).toBe(2);
  });

  it('deletes and restores experiments by name, and asks for the id when a name is not enough', async () => {
    const first = await client.experiments.create('snow');
    const runId = await startRun('snow', 1);
    expect((await fairlead('experiment', 'delete', 'snow')).text).toContain(
      `snow (${first.id}) deleted with its runs.`,
    );
    const second = await client.experiments.create('snow');
    await client.experiments.remove(second.id);
    const ambiguous = await fairlead('experiment', 'restore', 'snow');
    expect(ambiguous).toMatchObject({ exitCode: 2, text: expect.stringContaining(`of ${first.id}, ${second.id}`) });
    const list = (await fairlead('experiment', 'list', '--deleted', '--json')).text;
    expect(JSON.parse(list).items.map(({ id }: { id: string }) => id)).toEqual([first.id, second.id]);
    expect((await fairlead('experiment', 'restore', first.id, '--id')).exitCode).toBe(0);
    expect((await client.runs.get(runId)).lifecycle).toBe('active');
    expect((await fairlead('experiment', 'delete', 'nothing')).exitCode).toBe(2);
  });

  it('moves versions through stages, tells what stood where when, shows and deletes what cannot be served', async () => {
    const runId = await startRun('fog', 1);
    const { artifactRoot } = await client.runs.get(runId);
    await client.runs.upload(runId, 'model/MLmodel', { body: Buffer.from('flavors:\n  sklearn: {}\n') });
    await client.modelRecords.create({ name: 'fog' });
    for (const _ of [1, 2]) await client.modelRecords.register('fog', { source: `${artifactRoot}/model`, runId });
    expect((await fairlead('model', 'stage', 'fog/1', 'Production')).text).toBe('fog/1 stands in Production.\n');
    const betweenMs = Date.now();
    await new Promise((done) => setTimeout(done, 5));
    await fairlead('model', 'stage', 'fog/2', 'Production', '--archive-existing');
    expect((await fairlead('model', 'stage', 'fog', 'Production')).exitCode).toBe(2);
    const at = new Date(betweenMs).toISOString();
    const then = await fairlead('model', 'history', 'fog', '--name', 'Production', '--at', at);
    expect(then.text).toMatch(/^fog\/1 stood at Production at /);
    const history = (await fairlead('model', 'history', 'fog')).text;
    expect(history).toMatch(/stage +Archived +1 /);

    const shown = await fairlead('model', 'show', 'fog/2');
    expect(shown.exitCode).toBe(0);
    expect(shown.text).toMatch(/served +(no|pending): /);
    expect(shown.text).toContain(runId);
    expect((await fairlead('model', 'records')).text).toMatch(
      /fog +Production 2, Archived 1|fog +Archived 1, Production 2/,
    );
    expect((await fairlead('model', 'delete', 'fog')).exitCode).toBe(2);
    expect((await fairlead('model', 'delete', 'fog/1')).text).toBe('fog/1 deleted.\n');
    expect((await fairlead('model', 'records', 'fog')).text).not.toMatch(/^ +1 /m);
    await fairlead('tracking', 'delete', runId);
    const kept = await fairlead('tracking', 'purge', '--experiment', 'fog', '--apply');
    expect(kept.text).toBe(`run ${runId} stays: model version fog/2 comes from it\nNothing to remove.\n`);
    expect((await fairlead('model', 'delete', 'fog', '--all-versions')).exitCode).toBe(0);
  });
});
