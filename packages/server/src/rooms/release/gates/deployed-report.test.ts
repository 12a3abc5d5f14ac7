import { tableFromRows } from '@fairlead/frame';
import { createRng, exportModel, fitLinearRegression, fitPreprocessor } from '@fairlead/num';
import { describe, expect, it } from 'vitest';
import { dataErrors } from '../../data/index.js';
import type { ModelVersion } from '../../registry/index.js';
import type { PredictResult, ServingService } from '../../serving/index.js';
import { openReleaseFile, unwatched } from '../release.fixture.js';
import type { ReleaseDeps } from '../release-deps.js';
import type { GateSpec } from './gate-types.js';

const rng = createRng(5);
/** Version 1 says yes above a wind of about 0.1, version 5 above 0.5: here version 1 is right. */
const rows = Array.from({ length: 400 }, (_, i) => {
  const wind = 0.2 * rng.next();
  return { wind, calm: i % 4 === 0, rain: wind > 0.1 ? 'yes' : 'no', amount: 3 * wind + 0.01 * rng.normal() };
});
const table = tableFromRows(rows, [
  { name: 'wind', kind: 'float64' },
  { name: 'calm', kind: 'boolean' },
  { name: 'rain', kind: 'string' },
  { name: 'amount', kind: 'float64' },
]);
const CLASS_GATES: readonly GateSpec[] = [
  { kind: 'beats-baseline', margin: 0 },
  { kind: 'slices', maxExcessBrier: 0.5, minRows: 30 },
  { kind: 'calibration', maxEce: 1 },
];
const LIVE: GateSpec = { kind: 'not-worse-than-live', margin: 0.01 };

type Change = (deps: Omit<ReleaseDeps, 'store'>) => Omit<ReleaseDeps, 'store'>;

/** Versions 1 and 5 with reports of their own. */
let versions: ModelVersion[];

const withReports: Change = (deps) => ({
  ...unwatched(deps),
  registry: { ...deps.registry, version: async (_, number) => versions[Number(number) - 1] as ModelVersion },
});

const at = openReleaseFile({
  start: (deps) => withReports(deps),
  furnish: async (bench) => {
    bench.parts.set('test', table).set('train', table);
    versions = bench.versions.map((version) => ({ ...version, reportDigest: `report-${version.version}` }));
    for (const version of versions) await bench.evaluate(version, { sliceColumns: ['calm'] });
  },
});

async function start(change: Change): Promise<void> {
  await at.running.stop();
  at.running = await at.bench.start((deps) => change(withReports(deps)));
}

const gatesOf = async (version: number, gates: readonly GateSpec[]) =>
  (await at.request(await at.freshEndpoint({ gates }), version)).gates;

/** A deployment whose program changes what the model says. */
const answering =
  (change: (given: PredictResult) => PredictResult): Change =>
  (deps) => ({
    ...deps,
    serving: { ...deps.serving, predict: async (asked) => change(await deps.serving.predict(asked)) },
  });

describe('the gates on the deployed version', () => {
  it('judge what the deployment in test answers to every row of the report', async () => {
    const before = (await at.running.serving.endpoints()).length;
    const endpoint = await at.freshEndpoint({ gates: [...CLASS_GATES] });
    const { gates } = await at.request(endpoint, 1);
    expect(gates).toMatchObject([
      { type: 'beats-baseline@2', verdict: 'pass', evidence: { rows: 400, baseline: 'majority' } },
      { type: 'slices@3', verdict: 'pass', observed: expect.stringContaining('calm = ') },
      { type: 'calibration@3', verdict: 'pass' },
    ]);
    await at.running.serving.flushCapture();
    const captured = await at.running.serving.captured({ endpoint, environment: 'test' });
    // Asked once for all three.
    expect(captured).toHaveLength(400);
    expect(new Set(captured.map(({ consumer }) => consumer))).toEqual(new Set(['gates']));
    expect((await at.running.serving.endpoints()).length).toBe(before + 1);
    expect((await gatesOf(5, CLASS_GATES))[0]).toMatchObject({ verdict: 'fail' });
  });

  it('fail with both figures when the deployment answers otherwise than the evaluated model', async () => {
    const moved = ({ probabilities, ...rest }: PredictResult['predictions'][number]) => {
      const { yes = 0 } = probabilities;
      return { ...rest, probabilities: { yes: 0.9 * yes, no: 1 - 0.9 * yes } };
    };
    await start(answering((given) => ({ ...given, predictions: given.predictions.map(moved) })));
    const gates = await gatesOf(1, CLASS_GATES);
    expect(gates.map(({ verdict }) => verdict)).toEqual(['fail', 'fail', 'fail']);
    const [{ observed, evidence } = { observed: '', evidence: {} }] = gates;
    expect(observed).toMatch(/does not answer as the evaluated model did: Brier [\d.]+ where the report has [\d.]+/);
    const { reported, deployed } = evidence as Record<string, { Brier: number; accuracy: number }>;
    // Better is otherwise too: what was tested is not what answers.
    expect(deployed?.Brier).toBeLessThan((reported?.Brier ?? 0) - 1e-5);
    expect(deployed?.accuracy).toBe(reported?.accuracy);
  });

  it('fail when rows of the evaluation get no answer, or one that no such model gives', async () => {
    await start((deps) => ({
      ...deps,
      serving: {
        ...deps.serving,
        predict: async (asked) => {
          const { input } = asked;
          const refused = input.kind === 'rows' && input.rows.some(({ wind }) => wind === rows[7]?.wind);
          if (refused) throw dataErrors.DATA_DATASET_NOT_FOUND('no answer to this one');
          return deps.serving.predict(asked);
        },
      },
    }));
    expect(await gatesOf(1, CLASS_GATES.slice(0, 1))).toMatchObject([
      { verdict: 'fail', observed: expect.stringContaining('1 of the 400 rows'), evidence: { firstRow: 7 } },
    ]);
    const relabel = (one: PredictResult['predictions'][number]) => ({ ...one, label: 'perhaps' });
    await start(answering((given) => ({ ...given, predictions: given.predictions.map(relabel) })));
    expect(await gatesOf(1, CLASS_GATES.slice(0, 1))).toMatchObject([
      { verdict: 'fail', observed: expect.stringContaining('a label that the model does not have') },
    ]);
  });

  it('are insufficient without probabilities, without rows, and with a report that does not say its question', async () => {
    const bare = (one: PredictResult['predictions'][number]) => ({ ...one, probabilities: {} });
    const insufficient = async (words: string) => {
      const gates = await gatesOf(1, CLASS_GATES);
      expect(gates.map(({ verdict }) => verdict)).toEqual(['insufficient', 'insufficient', 'insufficient']);
      expect(gates[0]?.observed).toContain(words);
    };
    await start(answering((given) => ({ ...given, predictions: given.predictions.map(bare) })));
    await insufficient('without probabilities');
    await start((deps) => ({
      ...deps,
      data: { ...deps.data, readPart: () => Promise.reject(dataErrors.DATA_DATASET_NOT_FOUND('the split was purged')) },
    }));
    await insufficient('the split was purged');
    await start((deps) => ({
      ...deps,
      evaluation: {
        ...deps.evaluation,
        report: async (digest) => {
          const { question: _, ...former } = await deps.evaluation.report(digest);
          return former;
        },
      },
    }));
    await insufficient('of a former version');
    const endpoint = await at.freshEndpoint({ gates: [...CLASS_GATES] });
    const { inTheWay } = await at.running.release.plan({ endpoint, version: 1 });
    expect(inTheWay).toEqual([expect.stringContaining('of a former version')]);
  });
});

describe('the gate against the live version', () => {
  it('asks both in test for the same rows, and leaves production alone', async () => {
    await start((deps) => deps);
    const endpoint = await at.freshEndpoint({ gates: [LIVE] });
    await at.bringLive(endpoint, 1);
    expect((await at.request(endpoint, 5)).gates).toMatchObject([
      {
        ...{ type: 'not-worse-than-live@3', verdict: 'fail', evidence: { liveVersion: 1, rows: 400, unanswered: 0 } },
        observed: expect.stringContaining('Brier gain -0.'),
      },
    ]);
    await at.running.serving.flushCapture();
    expect(await at.running.serving.captured({ endpoint, environment: 'production' })).toEqual([]);
    // Not left behind in memory.
    const inTest = await at.running.serving.deployments({ endpoint, environment: 'test', state: 'ready' });
    expect(inTest.map(({ version }) => version)).toEqual([5]);
    expect((await at.request(endpoint, 1)).gates).toMatchObject([
      { verdict: 'pass', observed: expect.stringContaining('Brier gain 0 over version 1') },
    ]);
  });

  it('says why when the live version cannot be asked', async () => {
    const endpoint = await at.freshEndpoint({ gates: [LIVE] });
    await at.bringLive(endpoint, 2);
    const deploy: ServingService['deploy'] = async (context, asked) => {
      if (asked.version.version === 2) throw dataErrors.DATA_DATASET_NOT_FOUND('no room for it');
      return at.running.serving.deploy(context, asked);
    };
    await start((deps) => ({ ...deps, serving: { ...deps.serving, deploy } }));
    expect((await at.request(endpoint, 1)).gates).toMatchObject([
      { verdict: 'insufficient', observed: expect.stringContaining('version 2 cannot be deployed') },
    ]);
  });
});

describe('the gates of a model of numbers', () => {
  it('compare it with the live version by its errors on the same rows, and judge and disturb the deployed one', async () => {
    const inputs = [{ name: 'wind', type: 'number' as const, min: 0, max: 1, nullable: true }];
    const signature = { task: 'regression' as const, inputs, target: 'amount', labels: [], contextColumns: [] };
    const store = async (number: number, slope: number): Promise<ModelVersion> => {
      const { preprocessor, training } = fitPreprocessor(table, { columns: [{ name: 'wind', kind: 'numeric' }] });
      const target = Float64Array.from(rows, (row) => slope * row.wind);
      const bytes = exportModel({ preprocessor, model: fitLinearRegression(training, target) });
      const { digest } = await at.bench.objects.putBytes(bytes);
      const version = { ...(at.bench.versions[0] as ModelVersion), version: number, digest, signature };
      return { ...version, reportDigest: `numbers-${number}` };
    };
    const ofNumbers = [await store(1, 3), await store(2, 3), await store(3, 1)];
    for (const version of ofNumbers) await at.bench.evaluate(version, { sliceColumns: ['calm'] });
    await start((deps) => ({
      ...deps,
      registry: { ...deps.registry, version: async (_, number) => ofNumbers[Number(number) - 1] as ModelVersion },
    }));
    const gates: GateSpec[] = [
      { kind: 'not-worse-than-live', margin: 0.05 },
      { kind: 'beats-baseline', margin: 0.5 },
      { kind: 'calibration', maxBias: 0.1 },
      { kind: 'robustness', noise: { share: 0.01, maxChangedRatio: 0.1, maxLoss: 0.5 }, missing: {} },
    ];
    const endpoint = await at.freshEndpoint({ gates });
    await at.bringLive(endpoint, 1);
    expect(await at.request(endpoint, 2)).toMatchObject({ state: 'awaiting-approval' });
    expect((await at.request(endpoint, 3)).gates).toMatchObject([
      { verdict: 'fail', observed: expect.stringContaining('MSE skill') },
      { verdict: 'fail', observed: expect.stringContaining('over mean') },
      { verdict: 'fail', observed: expect.stringContaining('mean error 0.19') },
      { verdict: 'pass' },
    ]);
    const parity: GateSpec = { kind: 'fairness', columns: ['calm'], threshold: 0.3, maxSelectionDifference: 0.5 };
    expect(await gatesOf(1, [parity])).toMatchObject([
      { verdict: 'pass', observed: expect.stringContaining('selection rate difference') },
    ]);
  });
});
