import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MlflowServer, type OpenDb, openMlflow } from './mlflow.fixture.js';

/** The answers of one search are the same on every engine. */
export function describeRunSearch(engine: string, openDb: OpenDb): void {
  describe(`the search of runs on ${engine}`, () => {
    let server: MlflowServer;
    let experimentId: string;
    beforeAll(async () => {
      server = await openMlflow(undefined, openDb);
      experimentId = (await server.call('POST', 'experiments/create', { name: 'searched' })).body.experiment_id;
      const values = [0.1, 0.4, 'NaN', 0.3, undefined, '-Infinity'];
      for (const [i, value] of values.entries()) {
        const { run } = (
          await server.call('POST', 'runs/create', {
            ...{ experiment_id: experimentId, run_name: `r${i}`, start_time: i, user_id: i < 3 ? 'ada' : 'bob' },
            tags: [{ key: 'odd key', value: String(i % 2) }],
          })
        ).body;
        await server.call('POST', 'runs/log-batch', {
          run_id: run.info.run_id,
          metrics: value === undefined ? [] : [{ key: 'm', value, timestamp: 1, step: 1 }],
          params: [{ key: 'p', value: i === 4 ? 'Four' : `p${i}` }],
        });
        if (i === 3)
          await server.call('POST', 'runs/update', { run_id: run.info.run_id, status: 'FINISHED', end_time: 9 });
      }
    });
    afterAll(() => server.close());

    const search = async (fields: Record<string, unknown>) =>
      (await server.call('POST', 'runs/search', { experiment_ids: [experimentId], ...fields })).body;
    const names = async (fields: Record<string, unknown>): Promise<string> =>
      (await search(fields)).runs?.map((run: { info: { run_name: string } }) => run.info.run_name).join(' ') ?? '';

    it.each([
      ['', 'r5 r4 r3 r2 r1 r0'],
      ['metrics.m < 0.4', 'r5 r3 r0'],
      ['metrics.m >= 0.1 and metrics.m <= 0.4', 'r3 r1 r0'],
      ['metrics.m != 0.1', 'r5 r3 r2 r1'],
      ["params.p = 'p1'", 'r1'],
      ["params.p LIKE 'P%'", ''],
      ["params.p ILIKE 'F%'", 'r4'],
      ["params.p != 'p1' AND params.p LIKE 'p_'", 'r5 r3 r2 r0'],
      ["tags.`odd key` = '1'", 'r5 r3 r1'],
      ["attributes.status = 'FINISHED'", 'r3'],
      ["status IN ('FINISHED', 'FAILED')", 'r3'],
      ['end_time > 5', 'r3'],
      ['attribute.start_time >= 4', 'r5 r4'],
      ["user_id = 'ada'", 'r2 r1 r0'],
      ["run_name LIKE 'r%' AND `run name` != 'r2'", 'r5 r4 r3 r1 r0'],
      ["tags.`mlflow.runName` = 'r2'", 'r2'],
      ["params.nobody = 'x'", ''],
      ["params.nobody != 'x'", ''],
      ['params.nobody IS NULL AND metrics.m > 0.3', 'r1'],
      ['params.nobody IS NOT NULL', ''],
      ['tags.`odd key` is not null AND params.p IS NOT NULL', 'r5 r4 r3 r2 r1 r0'],
      ['tags.mlflow.parentRunId IS NULL', 'r5 r4 r3 r2 r1 r0'],
    ])('finds by %s', async (filter, expected) => {
      expect(await names({ filter })).toBe(expected);
    });

    it.each([
      [['metrics.m DESC'], 'r1 r3 r0 r5 r2 r4'],
      [['metrics.m ASC'], 'r5 r0 r3 r1 r2 r4'],
      [['params.p'], 'r4 r0 r1 r2 r3 r5'],
      [['attributes.end_time DESC', 'run_name'], 'r3 r0 r1 r2 r4 r5'],
      [['start_time ASC'], 'r0 r1 r2 r3 r4 r5'],
    ])('orders by %s', async (order_by, expected) => {
      expect(await names({ order_by })).toBe(expected);
    });

    it('gives every run once, page by page, and no token after the last', async () => {
      for (const order_by of [[], ['metrics.m DESC'], ['params.p ASC']]) {
        const whole = await names({ order_by });
        const pages: string[] = [];
        let page_token: string | undefined;
        do {
          const fields = { order_by, max_results: 2, ...(page_token !== undefined && { page_token }) };
          pages.push(await names(fields));
          page_token = (await search(fields)).next_page_token;
        } while (page_token !== undefined);
        expect(pages).toHaveLength(3);
        expect(pages.join(' ')).toBe(whole);
      }
    });

    it('finds nothing in no experiment, and keeps deleted runs apart', async () => {
      expect(await search({ experiment_ids: [] })).toEqual({});
      const { run } = (await server.call('POST', 'runs/create', { experiment_id: experimentId, run_name: 'gone' }))
        .body;
      await server.call('POST', 'runs/delete', { run_id: run.info.run_id });
      expect(await names({ filter: "run_name = 'gone'" })).toBe('');
      expect(await names({ run_view_type: 'DELETED_ONLY' })).toBe('gone');
      expect(await names({ run_view_type: 'ALL', filter: "run_name = 'gone'" })).toBe('gone');
    });

    it.each([
      [{ filter: 'metrics.m > x' }],
      [{ filter: 'metrics.m IS NULL' }],
      [{ filter: 'run_name IS NOT NULL' }],
      [{ filter: 'params.p IS' }],
      [{ filter: "params.p IS NOT 'a'" }],
      [{ filter: "metrics.m > 1 OR params.p = '1'" }],
      [{ max_results: 0 }],
      [{ max_results: 50_001 }],
      [{ order_by: ['metrics.m', 'metrics.m DESC'] }],
      [{ order_by: [3] }],
      [{ page_token: 'nonsense' }],
      [{ page_token: Buffer.from('{"offset":1}').toString('base64') }],
      [{ run_view_type: 'NONE' }],
      [{ experiment_ids: 3 }],
    ])('refuses %o', async (fields) => {
      expect(await search(fields)).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
    });
  });
}
