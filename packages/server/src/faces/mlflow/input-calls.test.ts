import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MlflowServer, openMlflow } from './mlflow.fixture.js';

const TRAIN = { key: 'mlflow.data.context', value: 'train' };

describe('MLflow calls about inputs and outputs', () => {
  let server: MlflowServer;
  let experimentId: string;
  let runId: string;
  beforeAll(async () => {
    server = await openMlflow();
    experimentId = (await server.call('POST', 'experiments/create', { name: 'inputs' })).body.experiment_id;
    runId = (await server.call('POST', 'runs/create', { experiment_id: experimentId })).body.run.info.run_id;
  });
  afterAll(() => server.close());

  const post = (path: string, fields: Record<string, unknown>) => server.call('POST', path, fields);
  const dataset = {
    ...{ name: 'harbour', digest: 'd1', source_type: 'local', source: '{"uri":"x.csv"}' },
    ...{ schema: '{"mlflow_colspec":[]}', profile: '{"num_rows":3}' },
  };

  it('log datasets once and show them with the run', async () => {
    const inputs = { run_id: runId, datasets: [{ tags: [TRAIN], dataset }] };
    for (let i = 0; i < 2; i += 1)
      expect(await post('runs/log-inputs', inputs)).toMatchObject({ status: 200, body: {} });
    const { run } = (await server.call('GET', 'runs/get', { run_id: runId })).body;
    expect(run.inputs).toEqual({ dataset_inputs: [{ tags: [TRAIN], dataset }] });
    const found = await post('runs/search', {
      experiment_ids: [experimentId],
      filter: "dataset.name = 'harbour' AND datasets.digest IN ('d1') AND dataset.context = 'train'",
    });
    expect(found.body.runs).toHaveLength(1);
    expect(found.body.runs[0].inputs).toEqual(run.inputs);
    const summaries = await post('experiments/search-datasets', { experiment_ids: [experimentId] });
    expect(summaries.body).toEqual({
      dataset_summaries: [{ experiment_id: experimentId, name: 'harbour', digest: 'd1', context: 'train' }],
    });
  });

  it('link models as inputs and outputs', async () => {
    const { model } = (await post('logged-models', { experiment_id: experimentId, name: 'm' })).body;
    const { model_id } = model.info;
    expect(await post('runs/log-inputs', { run_id: runId, models: [{ model_id }] })).toMatchObject({ status: 200 });
    const models = [{ model_id, step: 3 }];
    expect(await post('runs/outputs', { run_id: runId, models })).toMatchObject({ status: 200, body: {} });
    const { run } = (await server.call('GET', 'runs/get', { run_id: runId })).body;
    expect(run.inputs.model_inputs).toEqual([{ model_id }]);
    expect(run.outputs).toEqual({ model_outputs: models });
  });

  it.each([
    [{ datasets: [{}] }],
    [{ datasets: [{ dataset: { ...dataset, name: '' } }] }],
    [{ datasets: [{ dataset: { ...dataset, name: 'x'.repeat(501) } }] }],
    [{ datasets: [{ dataset: { ...dataset, digest: 'x'.repeat(300) } }] }],
    [{ datasets: [{ dataset: { ...dataset, source: 'x'.repeat(65_536) } }] }],
    [{ datasets: [{ dataset, tags: [{ key: 'k', value: 'x'.repeat(501) }] }] }],
    [{ datasets: 'x'.repeat(3) }],
    [{ models: [{}] }],
  ])('refuse %#', async (fields) => {
    const answer = await post('runs/log-inputs', { run_id: runId, ...fields });
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });

  it('refuse too many experiments at once', async () => {
    const many = Array.from({ length: 21 }, String);
    for (const experiment_ids of [[], many]) {
      expect(await post('experiments/search-datasets', { experiment_ids })).toMatchObject({ status: 400 });
    }
  });
});
