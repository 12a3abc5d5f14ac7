import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MlflowServer, openMlflow } from './mlflow.fixture.js';

interface Pair {
  readonly key: string;
  readonly value: string;
}

describe('MLflow calls about runs', () => {
  let server: MlflowServer;
  let runId: string;
  beforeAll(async () => {
    server = await openMlflow();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    runId = (await start()).info.run_id;
  });

  const ok = { status: 200, body: {} };
  const post = (path: string, fields: Record<string, unknown>) => server.call('POST', path, fields);
  const start = async (fields: Record<string, unknown> = {}) =>
    (await post('runs/create', { experiment_id: '0', start_time: 5, ...fields })).body.run;
  const get = async (id = runId) => (await server.call('GET', 'runs/get', { run_id: id })).body.run;
  const tagsOf = async (id = runId) => asRecord((await get(id)).data.tags);
  const asRecord = (pairs: readonly Pair[] = []) => Object.fromEntries(pairs.map(({ key, value }) => [key, value]));

  it('create a run that MLflow knows, and read it back', async () => {
    const tags = [
      { key: 'mlflow.user', value: 'ada' },
      { key: 'mlflow.source.name', value: 'x.py' },
    ];
    const run = await start({ user_id: 'ada', run_name: 'first', tags, start_time: '1700000000000' });
    expect(run.info).toEqual({
      ...{ run_id: run.info.run_id, run_uuid: run.info.run_id, run_name: 'first', experiment_id: '0' },
      ...{ user_id: 'ada', status: 'RUNNING', start_time: 1_700_000_000_000, lifecycle_stage: 'active' },
      artifact_uri: `mlflow-artifacts:/0/${run.info.run_id}/artifacts`,
    });
    expect(run.info.run_id).toMatch(/^[0-9a-f]{32}$/);
    expect(asRecord(run.data.tags)).toEqual({ ...asRecord(tags), 'mlflow.runName': 'first' });
    expect(run.data).not.toHaveProperty('metrics');
    expect(run.inputs).toEqual({});
    expect(run).not.toHaveProperty('outputs');
    const read = await get(run.info.run_id);
    expect(read.info).toEqual(run.info);
    expect(asRecord(read.data.tags)).toEqual(asRecord(run.data.tags));
    const byOldName = await server.call('GET', 'runs/get', { run_uuid: run.info.run_id });
    expect(byOldName.body.run).toEqual(read);
  });

  it('name a run that nobody named, and keep name and tag equal both ways', async () => {
    const { run_name } = (await get()).info;
    expect(run_name).toMatch(/^[a-z]+-[a-z]+-\d{1,3}$/);
    expect(await tagsOf()).toEqual({ 'mlflow.runName': run_name });
    expect((await start({ tags: [{ key: 'mlflow.runName', value: 'tagged' }] })).info.run_name).toBe('tagged');
    await post('runs/update', { run_id: runId, run_name: 'second' });
    expect(await tagsOf()).toEqual({ 'mlflow.runName': 'second' });
    await post('runs/set-tag', { run_id: runId, key: 'mlflow.runName', value: 'third' });
    expect((await get()).info.run_name).toBe('third');
    const both = { experiment_id: '0', run_name: 'a', tags: [{ key: 'mlflow.runName', value: 'b' }] };
    expect(await post('runs/create', both)).toMatchObject({ status: 400 });
  });

  it('keep parent and note as facts of the run that MLflow sees as tags', async () => {
    const child = await start({ tags: [{ key: 'mlflow.parentRunId', value: runId }] });
    expect(await server.rooms.tracking.run(child.info.run_id)).toMatchObject({ parentRunId: runId });
    expect(asRecord(child.data.tags)).toMatchObject({ 'mlflow.parentRunId': runId });
    const found = await post('runs/search', { experiment_ids: ['0'], filter: `tags.mlflow.parentRunId = '${runId}'` });
    expect(found.body.runs.map((run: { info: { run_id: string } }) => run.info.run_id)).toEqual([child.info.run_id]);
    const other = (await start()).info.run_id;
    await post('runs/set-tag', { run_id: other, key: 'mlflow.parentRunId', value: runId });
    expect(await server.rooms.tracking.run(other)).toMatchObject({ parentRunId: runId });
    await post('runs/delete-tag', { run_id: other, key: 'mlflow.parentRunId' });
    expect(await tagsOf(other)).not.toHaveProperty('mlflow.parentRunId');
    const tags = [
      { key: 'mlflow.note.content', value: '*why*' },
      { key: 'a', value: '1' },
    ];
    expect(await post('runs/log-batch', { run_id: runId, tags })).toMatchObject(ok);
    expect(await server.rooms.tracking.run(runId)).toMatchObject({ note: '*why*', tags: { a: '1' } });
    expect(await tagsOf()).toMatchObject(asRecord(tags));
    expect(await post('runs/delete-tag', { run_id: runId, key: 'mlflow.note.content' })).toMatchObject(ok);
    expect(await tagsOf()).not.toHaveProperty('mlflow.note.content');
  });

  it('end a run and resume it', async () => {
    const ended = await post('runs/update', { run_id: runId, status: 'FINISHED', end_time: 99 });
    expect(ended.body.run_info).toMatchObject({ run_id: runId, status: 'FINISHED', end_time: 99 });
    const resumed = await post('runs/update', { run_id: runId, status: 'RUNNING' });
    expect(resumed.body.run_info.status).toBe('RUNNING');
    expect(await post('runs/update', { run_id: runId, status: 'DONE' })).toMatchObject({ status: 400 });
    expect(await post('runs/update', { run_id: 'nobody' })).toMatchObject({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    });
  });

  it('log single values; a parameter never changes', async () => {
    const metric = (value: unknown, step: number) =>
      post('runs/log-metric', { run_id: runId, key: 'loss', value, timestamp: 7, step });
    for (const [step, value] of [2, 'NaN', '-Infinity', 0.5].entries())
      expect(await metric(value, step)).toMatchObject(ok);
    const param = (value: string) => post('runs/log-parameter', { run_id: runId, key: 'depth', value });
    expect(await param('4')).toMatchObject(ok);
    expect(await param('4')).toMatchObject(ok);
    const changed = await param('5');
    expect(changed).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(changed.body.message).toMatch(/Changing param values is not allowed/);
    expect(await post('runs/log-parameter', { run_id: runId, key: 'empty' })).toMatchObject(ok);
    expect(await post('runs/set-tag', { run_id: runId, key: 't', value: '1' })).toMatchObject(ok);
    expect(await post('runs/set-tag', { run_id: runId, key: 't', value: '2' })).toMatchObject(ok);
    const { data } = await get();
    expect(data.metrics).toEqual([{ key: 'loss', value: 0.5, timestamp: 7, step: 3 }]);
    expect(asRecord(data.params)).toEqual({ depth: '4', empty: '' });
    expect((await tagsOf()).t).toBe('2');
    expect(await post('runs/delete-tag', { run_id: runId, key: 't' })).toMatchObject(ok);
    expect(await post('runs/delete-tag', { run_id: runId, key: 't' })).toMatchObject({ status: 404 });
  });

  it('log whole batches or nothing of them', async () => {
    const metrics = [{ key: 'a', value: 1, timestamp: 1, step: 0 }];
    expect(await post('runs/log-batch', { run_id: runId, params: [{ key: 'p', value: '1' }] })).toMatchObject(ok);
    const conflict = { run_id: runId, metrics, params: [{ key: 'p', value: '2' }], tags: [{ key: 't', value: 'x' }] };
    expect(await post('runs/log-batch', conflict)).toMatchObject({ status: 400 });
    expect((await get()).data).not.toHaveProperty('metrics');
    expect(await tagsOf()).not.toHaveProperty('t');
    expect(await post('runs/log-batch', { run_id: runId })).toMatchObject(ok);
    const many = Array.from({ length: 1001 }, (_, step) => ({ key: 'm', value: step, timestamp: 1, step }));
    expect(await post('runs/log-batch', { run_id: runId, metrics: many })).toMatchObject({ status: 400 });
    expect(await post('runs/log-batch', { run_id: runId, metrics: many.slice(1) })).toMatchObject(ok);
    const tooMany = (length: number) => Array.from({ length }, (_, i) => ({ key: `k${i}`, value: 'v' }));
    expect(await post('runs/log-batch', { run_id: runId, params: tooMany(101) })).toMatchObject({ status: 400 });
    expect(await post('runs/log-batch', { run_id: runId, tags: tooMany(101) })).toMatchObject({ status: 400 });
    expect(await post('runs/log-batch', { run_id: runId, params: tooMany(100) })).toMatchObject(ok);
  });

  it.each([
    ['a parent that is not there', { tags: [{ key: 'mlflow.parentRunId', value: 'f'.repeat(32) }] }],
    ['a name beyond the limit', { tags: [{ key: 'mlflow.runName', value: 'n'.repeat(10_000) }] }],
    ['a model that is not there', { metrics: [{ key: 'm', value: 1, timestamp: 1, model_id: `m-${'0'.repeat(32)}` }] }],
  ])('keep nothing of a batch with %s', async (_, bad) => {
    const before = await get();
    const params = [{ key: 'p', value: '1' }];
    const { metrics = [], tags = [] } = bad as { metrics?: object[]; tags?: Pair[] };
    const answer = await post('runs/log-batch', {
      ...{ run_id: runId, params },
      metrics: [{ key: 'first', value: 1, timestamp: 1 }, ...metrics],
      tags: [{ key: 't', value: 'x' }, { key: 'mlflow.note.content', value: 'a note' }, ...tags],
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await get()).toEqual(before);
  });

  it('keep the dataset that a metric was measured on, and show it with the point', async () => {
    const on = { dataset_name: 'harbour', dataset_digest: 'd1' };
    const metric = { key: 'auc', value: 0.5, timestamp: 3, step: 1, ...on };
    expect(await post('runs/log-metric', { run_id: runId, ...metric })).toMatchObject(ok);
    expect(await post('runs/log-batch', { run_id: runId, metrics: [{ ...metric, step: 2 }] })).toMatchObject(ok);
    expect((await get()).data.metrics).toEqual([{ ...metric, step: 2 }]);
    const { body } = await server.call('GET', 'metrics/get-history', { run_id: runId, metric_key: 'auc' });
    expect(body.metrics).toEqual([metric, { ...metric, step: 2 }]);
    const half = await post('runs/log-metric', { run_id: runId, ...metric, dataset_digest: undefined });
    expect(half).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });

  it('log points, tags and fields of the run in one change', async () => {
    const tags = [
      { key: 't', value: 'x' },
      { key: 'mlflow.note.content', value: 'a note' },
      { key: 'mlflow.runName', value: 'renamed' },
    ];
    expect(await post('runs/log-batch', { run_id: runId, params: [{ key: 'p', value: '1' }], tags })).toMatchObject(ok);
    expect(await tagsOf()).toMatchObject(asRecord(tags));
    expect((await get()).info.run_name).toBe('renamed');
  });

  it('take values as long as MLflow does, and refuse what it would cut', async () => {
    const param = (length: number) =>
      post('runs/log-parameter', { run_id: runId, key: `p${length}`, value: 'x'.repeat(length) });
    const tag = (length: number) => post('runs/set-tag', { run_id: runId, key: 't', value: 'x'.repeat(length) });
    expect(await param(6000)).toMatchObject(ok);
    expect(await param(6001)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(await tag(8000)).toMatchObject(ok);
    expect(await tag(8001)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });

  it.each(['', '.', '..', '../a', '/a', 'a//b', 'a/../b', 'a/', 'a\\b', 'a?b', 'x'.repeat(251), 'a\n'])(
    'refuse the key %j',
    async (key) => {
      const metric = await post('runs/log-metric', { run_id: runId, key, value: 1, timestamp: 1 });
      expect(metric).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      expect(await post('runs/log-parameter', { run_id: runId, key, value: 'v' })).toMatchObject({ status: 400 });
    },
  );

  it.each(['__proto__', 'constructor', 'a/b.c-d:e f', 'größe', 'toString', '0'])(
    'keep the key %s as it is',
    async (key) => {
      const batch = {
        run_id: runId,
        metrics: [{ key, value: 1, timestamp: 1 }],
        params: [{ key, value: 'v' }],
        tags: [{ key, value: 'w' }],
      };
      expect(await post('runs/log-batch', batch)).toMatchObject(ok);
      const { data } = await get();
      expect(data.metrics).toEqual([{ key, value: 1, timestamp: 1, step: 0 }]);
      expect(data.params).toEqual([{ key, value: 'v' }]);
      expect(data.tags).toContainEqual({ key, value: 'w' });
    },
  );

  it('refuse writes to a deleted run until it is restored', async () => {
    expect(await post('runs/delete', { run_id: runId })).toMatchObject(ok);
    expect((await get()).info.lifecycle_stage).toBe('deleted');
    for (const [path, fields] of [
      ['runs/log-metric', { key: 'a', value: 1, timestamp: 1 }],
      ['runs/log-parameter', { key: 'a', value: '1' }],
      ['runs/set-tag', { key: 'a', value: '1' }],
      ['runs/set-tag', { key: 'mlflow.note.content', value: '1' }],
      ['runs/log-batch', { tags: [{ key: 'a', value: '1' }] }],
      ['runs/update', { status: 'FINISHED' }],
    ] as const) {
      expect([path, (await post(path, { run_id: runId, ...fields })).status]).toEqual([path, 400]);
    }
    expect(await post('runs/restore', { run_id: runId })).toMatchObject(ok);
    expect(await post('runs/set-tag', { run_id: runId, key: 'a', value: '1' })).toMatchObject(ok);
  });

  it('record a model of a client before 3.0 once, however often it is sent', async () => {
    const model = { run_id: runId, artifact_path: 'model', utc_time_created: 'x', flavors: { sklearn: {} } };
    const log = (value: unknown) => post('runs/log-model', { run_id: runId, model_json: JSON.stringify(value) });
    for (let i = 0; i < 2; i += 1) expect(await log(model)).toMatchObject(ok);
    expect(await log({ ...model, artifact_path: 'other' })).toMatchObject(ok);
    const history = JSON.parse((await tagsOf())['mlflow.log-model.history'] ?? '');
    expect(history).toEqual([model, { ...model, artifact_path: 'other' }]);
    for (const bad of [{}, [], 3, 'x']) expect(await log(bad)).toMatchObject({ status: 400 });
    expect(await post('runs/log-model', { run_id: runId, model_json: '{' })).toMatchObject({ status: 400 });
  });
});
