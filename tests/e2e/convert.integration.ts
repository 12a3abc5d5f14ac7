import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mlflowEnvironment } from '../../bench/harness/mlflow-environment.mjs';
import { type LiveServer, plainEnvironment, startLiveServer, temporaryFolder } from '../harness/live-server.js';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../../packages/cli/dist/bin.js', import.meta.url));
const { folder, dispose } = temporaryFolder('convert');
let server: LiveServer;
let client: FairleadClient;
/** What scikit-learn says of `wind: 9.5, sky: fog`. */
let expected: readonly number[];

/** Steps of one pipeline each, so that one that fails leaves the others alone. */
const STEPS = {
  ferry: { model: 'ferry', sample: 'rows.csv' },
  boosted: { model: 'boosted', as: 'boosted-onnx' },
  blind: { model: 'blind-ferry' },
  own: { model: 'own' },
  function: { model: 'function' },
  strict: { model: 'minutes', version: 1, tolerance: 0 },
  lacking: { model: 'ferry', version: 1, sample: 'empty.csv' },
  nothing: { model: 'ferry', version: 1, python: 'no-such-python' },
} as const;

beforeAll(async () => {
  const { python } = await mlflowEnvironment('mlflow-3');
  server = await startLiveServer({ folder });
  client = createClient({ url: server.url });
  const script = fileURLToPath(new URL('./convert/log_models.py', import.meta.url));
  const { stdout } = await run(python, [script, server.url], { cwd: folder, env: plainEnvironment() });
  expected = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '[]');
  writeFileSync(join(folder, 'empty.csv'), 'wind\n');
  const pipelines = Object.entries(STEPS).map(([name, values]) => {
    const given = { python, ...values };
    return [name, { steps: { convert: { uses: 'convert', with: given } } }] as const;
  });
  const project = { project: 'convert', pipelines: Object.fromEntries(pipelines) };
  writeFileSync(join(folder, 'fairlead.yaml'), JSON.stringify(project));
  await fairlead('apply');
}, 400_000);
afterAll(async () => {
  await server?.stop();
  dispose();
});

async function fairlead(...args: readonly string[]): Promise<string> {
  const env = { ...plainEnvironment(), FAIRLEAD_URL: server.url };
  return (await run(process.execPath, [cli, ...args], { cwd: folder, env })).stdout;
}

async function convert(pipeline: keyof typeof STEPS) {
  const { id } = await client.pipelines.run(pipeline);
  const { steps } = await client.pipelineRuns.wait(id, { timeoutMs: 120_000 });
  const [step] = steps;
  if (step === undefined) throw new Error(`run ${id} has no step`);
  return step;
}

it('a pipeline over text and numbers becomes the next version, which gives scikit-learn’s numbers', async () => {
  const { state, summary, outputs } = await convert('ferry');
  expect(state).toBe('succeeded');
  expect(summary).toMatchObject({
    model: 'ferry',
    version: 2,
    from: 'ferry/1',
    rows: 300,
    rowsFrom: 'sample',
    labelsDiffering: 0,
  });
  expect(outputs.version).toMatchObject({ kind: 'model-version', id: 'ferry/2' });
  await fairlead('model', 'download', 'ferry/2', '--output', 'ferry.onnx');
  writeFileSync(join(folder, 'one.csv'), 'wind,sky\n9.5,fog\n');
  await fairlead('predict', 'ferry.onnx', 'one.csv', '--out', 'answer.csv');
  const [head = '', row = ''] = readFileSync(join(folder, 'answer.csv'), 'utf8').trimEnd().split('\n');
  const answer = Object.fromEntries(head.split(',').map((name, at) => [name, row.split(',')[at]]));
  for (const [at, label] of ['late', 'on time'].entries()) {
    const cell = Object.entries(answer).find(([name]) => name.includes(label))?.[1];
    expect(Number(cell), `${head}: ${row}`).toBeCloseTo(expected[at] as number, 5);
  }
});

it('under another name it is the first version there, compared on random rows, and lineage leads back', async () => {
  const { state, summary, outputs, trackingRunId } = await convert('boosted');
  expect([state, summary]).toEqual(['succeeded', expect.objectContaining({ rows: 256, rowsFrom: 'random' })]);
  expect(outputs.version?.id).toBe('boosted-onnx/1');
  const { edges } = await client.lineage.walk('run', trackingRunId ?? '');
  const source = { kind: 'model-version', id: 'boosted/1' };
  expect(edges).toContainEqual(expect.objectContaining({ from: source, relation: 'used-by' }));
});

it.each([
  ['blind', 'name a file with rows as `sample`'],
  ['own', 'the converter of sklearn refuses it'],
  ['function', 'what can be converted is sklearn, xgboost, lightgbm, pytorch'],
  ['strict', 'does not give the same answers'],
  ['lacking', 'empty.csv has no rows'],
] as const)('%s is refused with what to do', async (name, why) => {
  const { state, error } = await convert(name);
  expect([state, error?.code]).toEqual(['failed', 'PIP_COMMAND_FAILED']);
  expect(error?.message).toContain(why);
});

it('an interpreter that is not there is said to be so', async () => {
  const { error } = await convert('nothing');
  expect(error?.code).toBe('PIP_COMMAND_NOT_STARTED');
});

it('a conversion can be done again from its record, without making a version', async () => {
  const before = await client.modelRecords.versions('boosted-onnx');
  const [last] = (await client.pipelineRuns.list({ pipeline: 'boosted', limit: 1 })).items;
  const report = await fairlead('reproduce', last?.id ?? '', '--json');
  expect(JSON.parse(report)).toMatchObject({ level: 'same-bytes' });
  expect(await client.modelRecords.versions('boosted-onnx')).toEqual(before);
});
