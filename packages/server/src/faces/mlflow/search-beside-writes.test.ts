import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MlflowServer, openMlflow } from './mlflow.fixture.js';

const RUNS = 300;

describe('MLflow searches of many runs', () => {
  let server: MlflowServer;
  let runId = '';
  beforeAll(async () => {
    server = await openMlflow();
    for (let i = 0; i < RUNS; i += 1) {
      const tags = Array.from({ length: 5 }, (_, k) => ({ key: `tag${k}`, value: `value ${i}` }));
      runId = (await post('runs/create', { experiment_id: '0', start_time: i, tags })).body.run.info.run_id;
    }
  });
  afterAll(() => server.close());

  const post = (path: string, fields: Record<string, unknown>) => server.call('POST', path, fields);
  const search = async (fields: Record<string, unknown>) =>
    (await post('runs/search', { experiment_ids: ['0'], max_results: 1000, ...fields })).body.runs ?? [];

  it('let a write that comes after them be answered before them, and then find it', async () => {
    const order: string[] = [];
    const long = search({ filter: `tags.tag0 LIKE 'value%'` }).then((runs) => {
      order.push('search');
      return runs;
    });
    const written = await post('runs/log-metric', { run_id: runId, key: 'beside', value: 1, timestamp: 1, step: 0 });
    order.push('write');
    expect(written.status).toBe(200);
    expect(await search({ filter: 'metrics.beside = 1' })).toMatchObject([{ info: { run_id: runId } }]);
    expect(await long).toHaveLength(RUNS);
    expect(order).toEqual(['write', 'search']);
  });
});
