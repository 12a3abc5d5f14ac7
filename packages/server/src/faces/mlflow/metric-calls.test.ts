import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MlflowServer, openMlflow } from './mlflow.fixture.js';

describe('MLflow calls about the history of metrics', () => {
  let server: MlflowServer;
  const runs: string[] = [];
  beforeAll(async () => {
    server = await openMlflow();
    for (let r = 0; r < 2; r += 1) {
      const { run } = (await server.call('POST', 'runs/create', { experiment_id: '0' })).body;
      runs.push(run.info.run_id);
      const metrics = Array.from({ length: 100 }, (_, i) => ({
        ...{ key: 'a/b c', value: i === 50 ? 'NaN' : i, step: 99 - i, timestamp: i },
      }));
      await server.call('POST', 'runs/log-batch', { run_id: run.info.run_id, metrics });
    }
  });
  afterAll(() => server.close());

  const read = async (path: string, fields: Record<string, unknown>) =>
    (await server.call('GET', `metrics/${path}`, { metric_key: 'a/b c', ...fields })).body;

  it('give all of it by time, or page by page', async () => {
    const { metrics } = await read('get-history', { run_id: runs[0] });
    expect(metrics).toHaveLength(100);
    expect(metrics[0]).toEqual({ key: 'a/b c', value: 0, timestamp: 0, step: 99 });
    expect(metrics[50].value).toBe('NaN');
    const pages: unknown[] = [];
    let page_token: string | undefined;
    do {
      const page = await read('get-history', { run_uuid: runs[0], max_results: 33, ...(page_token && { page_token }) });
      pages.push(...page.metrics);
      page_token = page.next_page_token;
    } while (page_token !== undefined);
    expect(pages).toEqual(metrics);
    expect(await read('get-history', { run_id: runs[0], metric_key: 'nothing' })).toEqual({});
  });

  it('sample several runs over their steps, with their ends', async () => {
    const { metrics } = await read('get-history-bulk-interval', { run_ids: runs, max_results: 10 });
    for (const run_id of runs) {
      const steps = metrics.filter((m: { run_id: string }) => m.run_id === run_id).map((m: { step: number }) => m.step);
      expect([Math.min(...steps), Math.max(...steps)]).toEqual([0, 99]);
      expect(steps.length).toBeLessThanOrEqual(12);
    }
    const part = await read('get-history-bulk-interval', { run_ids: runs[0], start_step: 10, end_step: 19 });
    expect(part.metrics).toHaveLength(10);
  });

  it('give many histories at once', async () => {
    const { metrics } = await read('get-history-bulk', { run_id: runs });
    expect(metrics).toHaveLength(200);
    expect(new Set(metrics.map((m: { run_id: string }) => m.run_id))).toEqual(new Set(runs));
    expect((await read('get-history-bulk', { run_id: runs, max_results: 7 })).metrics).toHaveLength(7);
  });

  it.each([
    ['get-history', {}],
    ['get-history', { run_id: 'x', max_results: 0 }],
    ['get-history-bulk', {}],
    ['get-history-bulk', { run_id: Array.from({ length: 101 }, String) }],
    ['get-history-bulk-interval', { run_ids: [] }],
    ['get-history-bulk-interval', { run_ids: 'x', max_results: 2501 }],
    ['get-history-bulk-interval', { run_ids: 'x', start_step: 1 }],
    ['get-history-bulk-interval', { run_ids: 'x', start_step: 2, end_step: 1 }],
    ['get-history-bulk-interval', { run_ids: 'x', max_results: 'many' }],
  ])('refuse %s %o', async (path, fields) => {
    expect(await read(path, fields)).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
  });
});
