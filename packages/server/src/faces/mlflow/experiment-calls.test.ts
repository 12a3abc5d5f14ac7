import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MlflowServer, openMlflow } from './mlflow.fixture.js';

describe('MLflow calls about experiments', () => {
  let server: MlflowServer;
  beforeAll(async () => {
    server = await openMlflow();
  });
  afterAll(() => server.close());

  const create = async (fields: Record<string, unknown>): Promise<string> =>
    (await server.call('POST', 'experiments/create', fields)).body.experiment_id;
  const get = async (id: string) =>
    (await server.call('GET', 'experiments/get', { experiment_id: id })).body.experiment;

  it('find the experiment that every store has', async () => {
    const { status, body } = await server.call('GET', 'experiments/get', { experiment_id: '0' });
    expect(status).toBe(200);
    expect(body.experiment).toMatchObject({
      ...{ experiment_id: '0', name: 'Default', lifecycle_stage: 'active' },
      artifact_location: 'mlflow-artifacts:/0',
    });
    expect(Number.isInteger(body.experiment.creation_time)).toBe(true);
    expect(body.experiment).not.toHaveProperty('tags');
  });

  it('go the way of set_experiment: look, create, get', async () => {
    const name = 'Größe: 100% "x"';
    const missing = await server.call('GET', 'experiments/get-by-name', { experiment_name: name });
    expect(missing).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    const tags = [
      { key: 'team', value: 'sea' },
      { key: 'mlflow.note.content', value: '# Why' },
    ];
    const id = await create({ name, tags });
    expect(id).toMatch(/^\d+$/);
    const named = await server.call('GET', 'experiments/get-by-name', { experiment_name: name });
    expect(named.body.experiment).toEqual(await get(id));
    expect(named.body.experiment).toMatchObject({ name, tags, artifact_location: `mlflow-artifacts:/${id}` });
    const again = await server.call('POST', 'experiments/create', { name });
    expect(again).toMatchObject({ status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS' } });
  });

  it('rename, tag, delete and restore', async () => {
    const id = await create({ name: 'before' });
    const ok = { status: 200, body: {} };
    expect(await server.call('POST', 'experiments/update', { experiment_id: id, new_name: 'after' })).toMatchObject(ok);
    const tag = (key: string, value: string) =>
      server.call('POST', 'experiments/set-experiment-tag', { experiment_id: id, key, value });
    expect(await tag('a', '1')).toMatchObject(ok);
    expect(await tag('mlflow.note.content', 'note')).toMatchObject(ok);
    expect((await server.rooms.tracking.experiment(id)).note).toBe('note');
    const untag = (key: string) => server.call('POST', 'experiments/delete-experiment-tag', { experiment_id: id, key });
    expect(await untag('a')).toMatchObject(ok);
    expect(await untag('mlflow.note.content')).toMatchObject(ok);
    expect(await get(id)).toMatchObject({ name: 'after' });
    expect(await get(id)).not.toHaveProperty('tags');
    expect(await server.call('POST', 'experiments/delete', { experiment_id: id })).toMatchObject(ok);
    expect(await get(id)).toMatchObject({ lifecycle_stage: 'deleted' });
    const refused = await server.call('POST', 'experiments/update', { experiment_id: id, new_name: 'x' });
    expect(refused.status).toBe(400);
    expect(await server.call('POST', 'experiments/restore', { experiment_id: id })).toMatchObject(ok);
    expect(await get(id)).toMatchObject({ lifecycle_stage: 'active' });
  });

  it('search in pages, by filter, order and stage', async () => {
    const ids: string[] = [];
    for (const k of ['a', 'b', 'c']) ids.push(await create({ name: `find-${k}`, tags: [{ key: 'find', value: k }] }));
    await server.call('POST', 'experiments/delete', { experiment_id: ids[2] });
    const search = async (fields: Record<string, unknown>, method: 'POST' | 'GET' = 'POST') =>
      (await server.call(method, 'experiments/search', { max_results: 1000, ...fields })).body;
    const names = async (fields: Record<string, unknown>, method?: 'POST' | 'GET') =>
      (await search(fields, method)).experiments?.map((one: { name: string }) => one.name);
    expect(await names({ filter: "name LIKE 'find-%'", order_by: ['name DESC'] })).toEqual(['find-b', 'find-a']);
    expect(await names({ filter: "tags.find = 'a'" }, 'GET')).toEqual(['find-a']);
    expect(await names({ filter: "name LIKE 'find%'", view_type: 'DELETED_ONLY' })).toEqual(['find-c']);
    expect(await names({ filter: "name ILIKE 'FIND%'", view_type: 'ALL', order_by: ['name'] })).toHaveLength(3);
    expect(await search({ filter: "name = 'nobody'" })).toEqual({});
    const first = await search({ filter: "name LIKE 'find-%'", order_by: ['name'], max_results: 1 });
    const next = {
      filter: "name LIKE 'find-%'",
      order_by: ['name'],
      max_results: 1,
      page_token: first.next_page_token,
    };
    const second = await search(next);
    expect(second.experiments.map((one: { name: string }) => one.name)).toEqual(['find-b']);
    expect(second).not.toHaveProperty('next_page_token');
  });

  it.each([
    ['experiments/create', {}, 400, 'INVALID_PARAMETER_VALUE'],
    ['experiments/create', { name: 3 }, 400, 'INVALID_PARAMETER_VALUE'],
    ['experiments/create', { name: 'x'.repeat(501) }, 400, 'INVALID_PARAMETER_VALUE'],
    ['experiments/delete', { experiment_id: 'nobody' }, 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['experiments/search', { max_results: 0 }, 400, 'INVALID_PARAMETER_VALUE'],
    ['experiments/search', { max_results: 50_001 }, 400, 'INVALID_PARAMETER_VALUE'],
    ['experiments/search', { page_token: 'x' }, 400, 'INVALID_PARAMETER_VALUE'],
    ['experiments/search', { filter: 'name = x' }, 400, 'INVALID_PARAMETER_VALUE'],
    ['experiments/search', { view_type: 'SOME' }, 400, 'INVALID_PARAMETER_VALUE'],
    ['experiments/search', { order_by: ['tags.a'] }, 400, 'INVALID_PARAMETER_VALUE'],
  ])('refuse %s %o', async (path, fields, status, errorCode) => {
    expect(await server.call('POST', path, fields)).toMatchObject({ status, body: { error_code: errorCode } });
  });

  it.each([
    'file:///etc',
    '/etc',
    '../x',
    'mlflow-artifacts:/../x',
    'mlflow-artifacts:/a/%2e%2e/b',
    'http://127.0.0.1:1/x',
    'runs:/x',
    'mlflow-artifacts:/a#b',
    'mlflow-artifacts:/a;b',
  ])('refuse files at %s', async (artifact_location) => {
    const answer = await server.call('POST', 'experiments/create', {
      name: `at ${artifact_location}`,
      artifact_location,
    });
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });
});
