import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MlflowServer, openMlflow } from './mlflow.fixture.js';

describe('MLflow calls about logged models', () => {
  let server: MlflowServer;
  let experimentId: string;
  let runId: string;
  beforeAll(async () => {
    server = await openMlflow();
    experimentId = (await server.call('POST', 'experiments/create', { name: 'models' })).body.experiment_id;
    runId = (await server.call('POST', 'runs/create', { experiment_id: experimentId })).body.run.info.run_id;
  });
  afterAll(() => server.close());

  const post = (path: string, fields: Record<string, unknown>) => server.call('POST', path, fields);
  const create = async (fields: Record<string, unknown>) =>
    (await post('logged-models', { experiment_id: experimentId, ...fields })).body.model;
  const get = async (id: string) => (await server.call('GET', `logged-models/${id}`)).body.model;

  it('create, finish, tag and delete one', async () => {
    const params = [{ key: 'depth', value: '4' }];
    const model = await create({ name: 'forest', model_type: 'sklearn', source_run_id: runId, params });
    expect(model.info.model_id).toMatch(/^m-[0-9a-f]{32}$/);
    expect(model.info).toMatchObject({
      ...{ experiment_id: experimentId, name: 'forest', model_type: 'sklearn', source_run_id: runId },
      status: 'LOGGED_MODEL_PENDING',
      artifact_uri: `mlflow-artifacts:/${experimentId}/models/${model.info.model_id}/artifacts`,
    });
    expect(model.data).toEqual({ params });
    const path = `logged-models/${model.info.model_id}`;
    const ready = await server.call('PATCH', path, { status: 'LOGGED_MODEL_READY' });
    expect(ready.body.model.info.status).toBe('LOGGED_MODEL_READY');
    await server.call('PATCH', `${path}/tags`, { tags: [{ key: 'a', value: '1' }] });
    expect((await get(model.info.model_id)).info.tags).toEqual([{ key: 'a', value: '1' }]);
    expect(await server.send('DELETE', `/api/2.0/mlflow/${path}/tags/a`)).toMatchObject({ status: 200 });
    expect((await get(model.info.model_id)).info).not.toHaveProperty('tags');
    expect(await post(`${path}/params`, { params: [{ key: 'more', value: '' }] })).toMatchObject({
      status: 200,
      body: {},
    });
    expect((await get(model.info.model_id)).data.params).toHaveLength(2);
    expect(await server.send('DELETE', `/api/2.0/mlflow/${path}`)).toMatchObject({ status: 200, body: {} });
    expect(await server.call('GET', path)).toMatchObject({ status: 404 });
  });

  it('carry the metrics that were measured with them', async () => {
    const { model_id } = (await create({ name: 'measured' })).info;
    const metric = { key: 'f1', value: 0.5, timestamp: 3, step: 1, dataset_name: 'd', dataset_digest: 'x' };
    expect(await post('runs/log-metric', { run_id: runId, model_id, ...metric })).toMatchObject({ status: 200 });
    const batch = { run_id: runId, metrics: [{ key: 'auc', value: 1, timestamp: 3, step: 1, model_id }] };
    expect(await post('runs/log-batch', batch)).toMatchObject({ status: 200 });
    expect((await get(model_id)).data.metrics).toEqual([
      { key: 'auc', value: 1, timestamp: 3, step: 1, run_id: runId, model_id },
      { ...metric, run_id: runId, model_id },
    ]);
  });

  it('search by everything that MLflow searches by', async () => {
    const search = async (fields: Record<string, unknown>): Promise<string | undefined> =>
      (await post('logged-models/search', { experiment_ids: [experimentId], ...fields })).body.models
        ?.map((model: { info: { name: string } }) => model.info.name)
        .join(' ');
    for (const [i, name] of ['s1', 's2', 's3'].entries()) {
      const { model_id } = (await create({ name, model_type: 'search', source_run_id: runId })).info;
      await post('runs/log-metric', {
        run_id: runId,
        model_id,
        key: 'm',
        value: i,
        timestamp: 1,
        dataset_name: 'd',
        dataset_digest: `${i}`,
      });
    }
    const ours = "model_type = 'search'";
    expect(await search({ filter: `${ours} AND metrics.m >= 1`, order_by: [{ field_name: 'name' }] })).toBe('s2 s3');
    expect(await search({ filter: ours, order_by: [{ field_name: 'metrics.m', ascending: false }] })).toBe('s3 s2 s1');
    const onTheLast = { field_name: 'metrics.m', ascending: false, dataset_name: 'd', dataset_digest: '0' };
    expect(await search({ filter: ours, order_by: [onTheLast, { field_name: 'name' }] })).toBe('s1 s2 s3');
    expect(await search({ filter: `${ours} AND name IN ('s1')` })).toBe('s1');
    expect(await search({ filter: `${ours} AND source_run_id = '${runId}'`, max_results: 1 })).toMatch(/^s\d$/);
    expect(await search({ filter: `${ours} AND status = 'READY'` })).toBeUndefined();
    expect(
      await search({ filter: `${ours} AND metrics.m >= 0`, datasets: [{ dataset_name: 'd', dataset_digest: '2' }] }),
    ).toBe('s3');
  });

  it.each([
    ['logged-models', {}],
    ['logged-models', { experiment_id: '0', name: 'a/b' }],
    ['logged-models/search', {}],
    ['logged-models/search', { experiment_ids: ['0'], filter: 'metric.a > 1' }],
    ['logged-models/search', { experiment_ids: ['0'], order_by: ['name'] }],
    ['logged-models/search', { experiment_ids: ['0'], order_by: [{ field_name: 'params.a' }] }],
    ['logged-models/search', { experiment_ids: ['0'], page_token: 'x' }],
  ])('refuse %s %o', async (path, fields) => {
    expect(await post(path, fields)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });
});
