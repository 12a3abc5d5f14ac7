import { exportModel, fitLinearRegression, fitPreprocessor } from '@fairlead/num';
import { describe, expect, it } from 'vitest';
import type { ModelSignature } from '../../training/index.js';
import { dryDay, openServingFile, rainModel, rowsRequest, serveInTest } from '../serving.fixture.js';
import type { ServingService } from '../serving-types.js';
import { endpointOpenApi } from './endpoint-openapi.js';

const at = openServingFile();

const place = { endpoint: 'rain', environment: 'test' };

const serve = (serving: ServingService, bytes: Uint8Array, signature?: ModelSignature, version = 1) =>
  serveInTest(at.world, serving, { bytes, signature, version });

describe('a model that gives numbers', () => {
  const signature: ModelSignature = {
    task: 'regression',
    inputs: [{ name: 'wind', type: 'number', min: 0, max: 9, nullable: false }],
    target: 'mm',
    labels: [],
    contextColumns: [],
  };
  /** Twice the wind and one. */
  const doubled = () => {
    const wind = Float64Array.from({ length: 10 }, (_, i) => i);
    const table = { rowCount: 10, columns: new Map([['wind', { kind: 'float64' as const, values: wind }]]) };
    const { preprocessor, training } = fitPreprocessor(table, { columns: [{ name: 'wind', kind: 'numeric' }] });
    const model = fitLinearRegression(
      training,
      wind.map((value) => 2 * value + 1),
    );
    return exportModel({ preprocessor, model });
  };

  it('is served, answers values and is described so', async () => {
    const running = await at.world.start();
    try {
      await serve(running.serving, doubled(), signature);
      const { predictions } = await running.serving.predict(rowsRequest([{ wind: 3 }, { wind: 0 }]));
      expect(predictions.map(({ value }) => value)).toEqual([expect.closeTo(7, 4), expect.closeTo(1, 4)]);
      expect(predictions.map(({ label, value }) => label === String(value))).toEqual([true, true]);
      const document = JSON.stringify(endpointOpenApi(running.serving.live('rain', 'test')));
      expect(document).toContain('"value":{"type":"number"');
      expect(document).not.toContain('"outputs"');
    } finally {
      await running.stop();
    }
  });
});

describe('a sample of the predictions', () => {
  it('keeps errors, overrides and a share that depends on the request id alone', async () => {
    const running = await at.world.start({}, { captureSample: 0.5 });
    try {
      await serve(running.serving, rainModel(0.3), undefined, 2);
      const ids = Array.from({ length: 200 }, (_, i) => `sampled-${i}`);
      for (const requestId of ids) await running.serving.predict(rowsRequest([dryDay], { requestId }));
      await running.serving.predict(rowsRequest([dryDay], { requestId: 'chosen', targetVersion: 2 }));
      await running.serving.predict(rowsRequest([{}], { requestId: 'broken' })).catch(() => undefined);
      const rows = await running.serving.captured(place);
      const kept = new Set(rows.map(({ requestId }) => requestId));
      const sampled = ids.filter((id) => kept.has(id));
      expect(sampled.length).toBeGreaterThan(60);
      expect(sampled.length).toBeLessThan(140);
      expect([kept.has('chosen'), kept.has('broken')]).toEqual([true, true]);
      const text = await running.metrics.render();
      const counted = /capture_sampled_out_rows_total\{endpoint="rain"\} (\d+)/.exec(text)?.[1];
      expect(Number(counted)).toBe(200 - sampled.length);
    } finally {
      await running.stop();
    }
  });
});
