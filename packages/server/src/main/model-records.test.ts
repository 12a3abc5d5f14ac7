import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../platform/config/index.js';
import { localActor } from '../platform/identity/index.js';
import { createLogger } from '../platform/telemetry/index.js';
import { createFairlead, type Fairlead } from './create-fairlead.js';

const me = { actor: localActor };
const FIXTURE = '../rooms/registry/flavours/fixtures/lr-zipmap/';

describe('models from Python over the API', () => {
  let home: string;
  let fairlead: Fairlead;
  let source: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'fairlead-records-'));
    const config = loadConfig({ flags: { home, logLevel: 'silent' }, env: {}, cwd: home });
    fairlead = await createFairlead({ config, logger: createLogger(config), cwd: home });
    await fairlead.app.ready();
    await fairlead.platform.jobs.start();
    const { tracking } = fairlead.rooms;
    const { artifactRoot } = await tracking.startRun(me, { experiment: 'e' });
    source = `${artifactRoot}/model`;
    for (const file of ['MLmodel', 'model.onnx']) {
      const bytes = readFileSync(new URL(`${FIXTURE}${file}`, import.meta.url));
      await tracking.files.putFile(me, `${source.slice('artifacts:/'.length)}/${file}`, bytes);
    }
  });
  afterAll(async () => {
    await fairlead.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const ask = async (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object,
    headers = {},
  ) => {
    const answer = await fairlead.app.inject({
      method,
      url: `/api/v1/${url}`,
      headers: { host: '127.0.0.1', ...headers },
      ...(payload !== undefined && { payload }),
    });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };

  it('are registered once per retry, examined, deployed and asked', async () => {
    expect((await ask('POST', 'model-records', { name: 'iris', tags: { a: '1' } })).body.tags).toEqual({ a: '1' });
    const retry = { 'idempotency-key': 'k' };
    const first = await ask('POST', 'model-records/iris/versions', { source }, retry);
    const again = await ask('POST', 'model-records/iris/versions', { source }, retry);
    expect([first.body.version, again.body.version]).toEqual([1, 1]);
    for (;;) {
      const { body } = await ask('GET', 'model-records/iris/versions/latest');
      if (body.servable === 'yes') break;
      expect(body.notServable).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await ask('PUT', 'endpoints/iris', { model: 'iris' });
    const deployed = await ask('POST', 'environments/test/endpoints/iris/deployments', { version: 1 });
    expect(deployed.body.deployment.state).toBe('ready');
    const row = {
      'sepal length (cm)': 5.1,
      'sepal width (cm)': 3.5,
      'petal length (cm)': 1.4,
      'petal width (cm)': 0.2,
    };
    const { body } = await ask('POST', 'environments/test/endpoints/iris/predict', { rows: [row] });
    expect(body.predictions[0].label).toBe('0');
    expect(body.predictions[0].probabilities['0']).toBeGreaterThan(0.9);
    expect((await ask('DELETE', 'model-records/iris')).status).toBe(409);
    const used = await ask('DELETE', 'model-records/iris/versions/1');
    expect(used.body.error.code).toBe('REG_MODEL_IN_USE');
  });

  it('are listed, staged, looked back at, renamed and deleted', async () => {
    await ask('POST', 'model-records', { name: 'Regen 1' });
    await ask('POST', 'model-records/Regen%201/versions', { source: 'model:iris/1' });
    const staged = await ask('PUT', 'model-records/Regen%201/versions/1/stage', { stage: 'Production' });
    expect(staged.body).toMatchObject({ stage: 'Production', servable: 'yes', source: 'model:iris/1' });
    const { body: history } = await ask('GET', 'model-records/Regen%201/history');
    expect(history.items).toMatchObject([{ what: 'stage', name: 'Production', version: 1 }]);
    const at = history.items[0].atMs;
    const standing = await ask('GET', `model-records/Regen%201/standing?name=Production&atMs=${at}`);
    expect(standing.body.items.map((one: { version: number }) => one.version)).toEqual([1]);
    const page = await ask('GET', 'model-records?limit=1');
    expect(page.body.items).toHaveLength(1);
    const next = await ask('GET', `model-records?limit=1&pageToken=${encodeURIComponent(page.body.nextPageToken)}`);
    expect(next.body.items.map((one: { name: string }) => one.name)).toEqual(['iris']);
    const renamed = await ask('PATCH', 'model-records/Regen%201', { name: 'Regen', description: 'd' });
    expect(renamed.body).toMatchObject({ name: 'Regen', description: 'd' });
    expect((await ask('GET', 'model-records/Regen/versions')).body.items).toHaveLength(1);
    expect((await ask('DELETE', 'model-records/Regen')).status).toBe(204);
    expect((await ask('GET', 'model-records/Regen')).status).toBe(404);
    expect((await ask('GET', 'model-records/Regen/history')).body.items).toHaveLength(1);
  });
});
