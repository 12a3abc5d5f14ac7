import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from '../../platform/http/http.fixture.js';
import { type EvaluationBench, me, openEvaluationBench } from './evaluation-testing.js';
import { classReport, evaluationRoutes } from './index.js';

describe('the route of evaluation reports', () => {
  let bench: EvaluationBench;
  let server: TestServer;
  beforeAll(async () => {
    bench = await openEvaluationBench();
    server = await openTestServer();
    await evaluationRoutes({ evaluation: bench.evaluation })(server.app);
  });
  afterAll(async () => {
    await server.app.close();
    await bench.dispose();
  });

  const get = (digest: string) =>
    server.app.inject({ url: `/api/v1/evaluation-reports/${digest}`, headers: { host: '127.0.0.1' } });

  it('gives a report by its digest, with null for what is not defined', async () => {
    const train = await bench.weather('Seattle', "date < timestamp '2015-01-01'");
    const test = await bench.weather('Seattle', "date >= timestamp '2015-01-01' and rain_tomorrow");
    bench.splits.set('wet', { train, test });
    const { model, signature } = await bench.train(train);
    const { report, digest } = await bench.evaluation.evaluate(me, {
      ...{ modelDigest: model.digest, signature, splitId: 'wet', part: 'test', trainPart: 'train' },
      ...{ baselines: [], seed: 1 },
    });
    const response = await get(digest);
    expect(response.statusCode).toBe(200);
    const body = response.json();
    expect(body.scores).toMatchObject({ brier: classReport(report).scores.brier, rocAuc: null });
    expect(body.baselines).toHaveLength(1);
  });

  it('answers 404 for other digests and 400 for what is no digest', async () => {
    expect((await get('f'.repeat(64))).statusCode).toBe(404);
    expect((await get('f'.repeat(64))).json().error.code).toBe('EVAL_REPORT_NOT_FOUND');
    expect((await get('..%2f..%2fetc')).statusCode).toBe(400);
  });
});
