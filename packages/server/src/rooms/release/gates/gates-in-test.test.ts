import { tableFromRows } from '@fairlead/frame';
import { sleep } from '@fairlead/kernel';
import { createRng } from '@fairlead/num';
import { describe, expect, it } from 'vitest';
import type { ModelVersion } from '../../registry/index.js';
import { runReproduced, trainingErrors } from '../../training/index.js';
import { ann, freshEndpoint, openReleaseFile, quinn, request, unwatched } from '../release.fixture.js';
import type { ReleaseDeps } from '../release-deps.js';
import type { GateResult, GateSpec } from './gate-types.js';

const rng = createRng(3);
/** Version 1 says yes above a wind of about 0.1, which group a has more often than group b. */
const rows = Array.from({ length: 600 }, (_, i) => {
  const group = i % 2 === 0 ? 'a' : 'b';
  const wind = group === 'a' ? 0.05 + 0.95 * rng.next() : 0.2 * rng.next();
  return { wind, group, rain: wind > 0.1 ? 'yes' : 'no', amount: 3 * wind + 0.1 * rng.normal() };
});
const table = tableFromRows(rows, [
  { name: 'wind', kind: 'float64' },
  { name: 'group', kind: 'string' },
  { name: 'rain', kind: 'string' },
  { name: 'amount', kind: 'float64' },
]);

/** Commands as an operator would declare them. */
const node = (code: string) => [process.execPath, '-e', code];
const gateCommands = {
  // Asks the deployment in test over HTTP, with the first number of its signature.
  ask: node(`
    let text = '';
    process.stdin.on('data', (part) => { text += part; }).on('end', async () => {
      const facts = JSON.parse(text);
      const answer = await fetch(process.env.FAIRLEAD_GATE_PREDICT_URL, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer ' + process.env.FAIRLEAD_TOKEN },
        body: JSON.stringify({ rows: [{ [facts.signature.inputs[0].name]: 0.9 }] }),
      });
      const { version, predictions } = await answer.json();
      console.log('version ' + version + ' says ' + predictions[0].label);
      process.exit(version === facts.version && facts.version === Number(process.env.FAIRLEAD_GATE_VERSION) ? 0 : 1);
    });`),
  refuse: node('console.error("not today"); process.exit(1)'),
  undecided: node('process.exit(2)'),
  crash: node('throw new Error("boom")'),
  hang: node('setInterval(() => undefined, 1000)'),
  absent: ['/no/such/program'],
  secrets: node('process.exit(process.env.FAIRLEAD_SECRET_OF_THE_SERVER === undefined ? 0 : 1)'),
};

const serveRows = (deps: Omit<ReleaseDeps, 'store'>): Omit<ReleaseDeps, 'store'> => ({
  ...unwatched(deps),
  gateCommands,
});

const at = openReleaseFile({
  start: serveRows,
  furnish: async ({ parts }) => void parts.set('test', table).set('train', table),
});

async function gate(spec: GateSpec, version = 1): Promise<GateResult> {
  const { gates, endedBecause } = await at.request(await at.freshEndpoint({ gates: [spec] }), version);
  const [result] = gates;
  if (result === undefined) throw new Error(`no gate was decided: ${endedBecause}`);
  return result;
}

describe('a gate report', () => {
  it('names type, version and parameters of every gate', async () => {
    expect(await gate({ kind: 'onnx-parity', maxAbsDifference: 0.5 })).toMatchObject({
      ...{ kind: 'onnx-parity', type: 'onnx-parity@1', parameters: { maxAbsDifference: 0.5 }, verdict: 'pass' },
    });
  });
});

describe('the gate fairness', () => {
  const fairness = (more: object): GateSpec => ({ kind: 'fairness', columns: ['group'], ...more });

  it('counts what the deployment in test answers, by groups of a column the model does not read', async () => {
    const result = await gate(fairness({ maxSelectionDifference: 0.05 }));
    expect(result).toMatchObject({
      ...{ type: 'fairness@1', verdict: 'fail' },
      observed: expect.stringContaining('between a and b of group'),
      evidence: { rows: 600, unanswered: 0, columns: [{ column: 'group', groups: [{ group: 'a', rows: 300 }, {}] }] },
    });
    const { columns } = result.evidence as { columns: { groups: { rows: number; selected: number }[] }[] };
    const [first = 0, second = 0] = (columns[0]?.groups ?? []).map(({ rows: all, selected }) => selected / all);
    expect(result.interval?.estimate).toBeCloseTo(Math.abs(first - second), 12);
    expect((await gate(fairness({ maxSelectionDifference: 0.9 }))).verdict).toBe('pass');
    expect((await gate(fairness({ minSelectionRatio: 0.95 }))).verdict).toBe('fail');
  });

  it('says what it lacks: a column, a label, groups of a size', async () => {
    const open = (observed: string) => ({ verdict: 'insufficient', observed: expect.stringContaining(observed) });
    expect(await gate(fairness({ columns: ['sex'], maxFprDifference: 0.1 }))).toMatchObject(open('no column sex'));
    expect(await gate(fairness({ label: 'snow', maxFprDifference: 0.1 }))).toMatchObject(open('no label snow'));
    expect(await gate(fairness({ columns: ['wind'], maxFprDifference: 0.1 }))).toMatchObject(open('no groups'));
    expect(await gate(fairness({ minGroupRows: 301, maxFprDifference: 0.1 }))).toMatchObject(
      open('fewer than two groups'),
    );
  });
});

describe('the gate robustness', () => {
  it('bounds what noise changes', async () => {
    const noise = (share: number, bounds: object) => gate({ kind: 'robustness', noise: { share, ...bounds } });
    expect((await noise(0.001, { maxChangedRatio: 0.05, maxLoss: 0.05 })).verdict).toBe('pass');
    const loud = await noise(2, { maxChangedRatio: 0.05 });
    expect(loud).toMatchObject({ verdict: 'fail', evidence: { disturbed: [{ kind: 'noise', failed: 0 }] } });
    expect((await noise(2, { maxLoss: 0.05 })).verdict).toBe('fail');
  });

  it('takes missing values and values out of range that are answered or refused for handled', async () => {
    const result = await gate({ kind: 'robustness', missing: {}, outOfRange: {}, rows: 50 });
    const [missing, outOfRange] = (result.evidence as { disturbed: { answered: number; refused: number }[] }).disturbed;
    expect(result.verdict).toBe('pass');
    expect(missing && missing.answered + missing.refused).toBe(50);
    expect(outOfRange && outOfRange.answered + outOfRange.refused).toBe(50);
  });

  it('does not take an answer that is not finite for handled', async () => {
    // Version 1 answers NaN where the wind is beyond all floats that can be squared.
    const [version] = at.bench.versions as [ModelVersion];
    const { signature } = version;
    const [wind] = signature.inputs;
    const huge = { ...version, signature: { ...signature, inputs: [{ ...wind, max: 3e37 }] } } as ModelVersion;
    const other = await at.bench.start((deps) => ({
      ...serveRows(deps),
      registry: { ...deps.registry, version: async () => huge },
    }));
    const endpoint = await freshEndpoint(other, { gates: [{ kind: 'robustness', outOfRange: {}, rows: 20 }] });
    await at.running.jobs.stop({ graceMs: 1_000 });
    const { gates } = await request(other, endpoint, 1);
    expect(gates[0]).toMatchObject({ verdict: 'fail', observed: expect.stringContaining('SRV_NONFINITE_OUTPUT') });
    await other.stop();
    await at.running.jobs.start();
  });
});

describe('the gate reproduction', () => {
  it('asks the ledger whether the run was done again, and how equal it came out', async () => {
    const [version] = at.bench.versions as [ModelVersion];
    const made = { ...version, source: { ...version.source, trackingRunId: 'run-1', pipelineRunId: 'pipeline-1' } };
    await at.running.stop();
    at.running = await at.bench.start((deps) => ({
      ...serveRows(deps),
      registry: { ...deps.registry, version: async () => made },
    }));
    const spec = { kind: 'reproduction', level: 'same-predictions' } as const;
    expect(await gate(spec)).toMatchObject({
      verdict: 'insufficient',
      observed: expect.stringContaining('fairlead reproduce run-1'),
    });
    const reproduced = (id: string, level: string) =>
      at.bench.db.transact({ actor: { kind: 'user', id: 'ann', roles: [], authenticated: true } }, async (tx) =>
        tx.record(runReproduced.of({ kind: 'run', id }, { pipelineRunId: 'pipeline-1', level, steps: ['train'] })),
      );
    await reproduced('run-2', 'same-bytes');
    expect((await gate(spec)).verdict).toBe('insufficient');
    await reproduced('run-1', 'same-metrics');
    expect((await gate(spec)).verdict).toBe('fail');
    await reproduced('pipeline-1', 'same-bytes');
    expect(await gate(spec)).toMatchObject({
      verdict: 'pass',
      observed: expect.stringContaining('by ann: same-bytes'),
    });
    await at.running.stop();
    at.running = await at.bench.start(serveRows);
  });

  it('does the run again itself where nobody has, and waits as long as the policy says', async () => {
    const [version] = at.bench.versions as [ModelVersion];
    const of = (trackingRunId: string, i: number): ModelVersion => ({
      ...version,
      version: i + 1,
      source: { ...version.source, trackingRunId, pipelineRunId: null },
    });
    const made = ['run-good', 'run-slow', 'run-broken', 'run-gone'].map(of);
    const started: string[] = [];
    await at.running.stop();
    at.running = await at.bench.start((deps) => {
      deps.jobs.handle('test.reproduce', async ({ payload, signal }) => {
        const { runId } = payload as { runId: string };
        if (runId === 'run-slow') await sleep(60_000, signal);
        if (runId === 'run-broken') throw trainingErrors.TRN_RUN_NOT_REPRODUCIBLE('its data were purged');
        const verdict = { pipelineRunId: 'p', level: 'same-predictions', steps: ['train'] };
        return { commit: async (tx) => tx.record(runReproduced.of({ kind: 'run', id: runId }, verdict)) };
      });
      return {
        ...serveRows(deps),
        registry: { ...deps.registry, version: async (_, number) => made[Number(number) - 1] as ModelVersion },
        reproduce: async (context, { runId }) => {
          started.push(runId);
          if (runId === 'run-gone') throw trainingErrors.TRN_RUN_NOT_REPRODUCIBLE('it was not made by a pipeline');
          const job = { kind: 'test.reproduce', payload: { runId }, dedupeKey: runId, maxAttempts: 1 };
          return { jobId: await at.bench.db.transact(context, (tx) => deps.jobs.enqueue(tx, job)) };
        },
      };
    });
    const spec = { kind: 'reproduction', level: 'same-predictions' } as const;
    expect((await gate(spec)).verdict).toBe('insufficient');
    expect(started).toEqual([]);
    const waiting = { ...spec, timeoutMs: 20_000 };
    expect(await gate(waiting)).toMatchObject({
      ...{ type: 'reproduction@2', verdict: 'pass', evidence: { level: 'same-predictions', runId: 'run-good' } },
      observed: expect.stringContaining('by this gate: same-predictions'),
    });
    // The verdict is there now: no second repetition.
    expect((await gate({ ...waiting, level: 'same-bytes' })).verdict).toBe('fail');
    expect(started).toEqual(['run-good']);
    const open = (observed: string) => ({ verdict: 'insufficient', observed: expect.stringContaining(observed) });
    expect(await gate({ ...spec, timeoutMs: 200 }, 2)).toMatchObject(open('takes longer than 200 ms'));
    expect(await gate(waiting, 3)).toMatchObject(open('ended without a verdict: its data were purged'));
    expect(await gate(waiting, 4)).toMatchObject(open('cannot be done again: it was not made by a pipeline'));
    await at.running.stop();
    at.running = await at.bench.start(serveRows);
  });
});

/** A server on which the run of a model is done again when the test lets it, and then comes out the same. */
async function holdReproduction(runId: string): Promise<() => void> {
  const [version] = at.bench.versions as [ModelVersion];
  const made = { ...version, source: { ...version.source, trackingRunId: runId, pipelineRunId: null } };
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await at.running.stop();
  at.running = await at.bench.start((deps) => {
    deps.jobs.handle('test.reproduce', async () => {
      await held;
      const verdict = { pipelineRunId: 'p', level: 'same-bytes', steps: ['train'] };
      return { commit: async (tx) => tx.record(runReproduced.of({ kind: 'run', id: runId }, verdict)) };
    });
    return {
      ...serveRows(deps),
      registry: { ...deps.registry, version: async () => made },
      reproduce: async (context) => {
        const job = { kind: 'test.reproduce', payload: {}, dedupeKey: runId, maxAttempts: 1 };
        return { jobId: await at.bench.db.transact(context, (tx) => deps.jobs.enqueue(tx, job)) };
      },
    };
  });
  return letGo;
}

describe('a gate that waits for work elsewhere', () => {
  it('lets the others be decided and shown, and blocks the release until it has its verdict', async () => {
    const letGo = await holdReproduction('run-held');
    const { release } = at.running;
    const endpoint = await at.freshEndpoint({
      gates: [
        { kind: 'reproduction', level: 'same-bytes', timeoutMs: 60_000 },
        { kind: 'onnx-parity', maxAbsDifference: 0.5 },
        { kind: 'command', name: 'undecided', timeoutMs: 20_000 },
      ],
    });
    const { id } = await release.request(ann, { endpoint, version: 1, reason: 'r' });
    const waiting = { state: 'testing', waitingFor: 'the gate reproduction@2' };
    await expect
      .poll(() => release.release(id), { timeout: 20_000 })
      .toMatchObject({
        ...waiting,
        gates: [
          { kind: 'onnx-parity', verdict: 'pass' },
          { kind: 'command', verdict: 'insufficient' },
        ],
      });
    const signature = { meaning: 'approved', role: 'qa', comment: '' } as const;
    await expect(release.sign(quinn, id, signature)).rejects.toMatchObject({ code: 'REL_WRONG_STATE' });
    await expect(release.rollOut(ann, id)).rejects.toMatchObject({ code: 'REL_WRONG_STATE' });
    letGo();
    // In the order of the policy, by which waivers name them.
    expect(await release.waitFor(id, ['gates-failed'], { timeoutMs: 20_000 })).toMatchObject({
      ...{ state: 'gates-failed', waitingFor: null },
      gates: [
        { kind: 'reproduction', verdict: 'pass', evidence: { level: 'same-bytes' } },
        { kind: 'onnx-parity', verdict: 'pass' },
        { kind: 'command', verdict: 'insufficient' },
      ],
    });
    await at.running.stop();
    at.running = await at.bench.start(serveRows);
  });

  it('ends nothing that was superseded while it waited', async () => {
    const letGo = await holdReproduction('run-late');
    const { release } = at.running;
    const endpoint = await at.freshEndpoint({
      gates: [{ kind: 'reproduction', level: 'same-bytes', timeoutMs: 60_000 }],
    });
    const first = await release.request(ann, { endpoint, version: 1, reason: 'r' });
    await expect.poll(async () => (await release.release(first.id)).waitingFor, { timeout: 20_000 }).not.toBeNull();
    const second = await release.request(ann, { endpoint, version: 1, reason: 'again' });
    letGo();
    expect(await release.waitFor(second.id, ['awaiting-approval'], { timeoutMs: 20_000 })).toMatchObject({
      gates: [{ verdict: 'pass' }],
    });
    expect(await release.release(first.id)).toMatchObject({ state: 'superseded', gates: [] });
    await at.running.stop();
    at.running = await at.bench.start(serveRows);
  });
});

describe('the gate command', () => {
  const command = (name: string, timeoutMs = 20_000) => gate({ kind: 'command', name, timeoutMs });

  it('gives a program of the operator the facts and the address of the version under test', async () => {
    expect(await command('ask')).toMatchObject({
      ...{ verdict: 'pass', type: 'command@1', observed: 'exit code 0: version 1 says yes' },
    });
  });

  it('takes 1 for fail, 2 for insufficient, and whatever else it ends by for fail, with its last words', async () => {
    expect(await command('refuse')).toMatchObject({ verdict: 'fail', observed: 'exit code 1: not today' });
    expect(await command('undecided')).toMatchObject({ verdict: 'insufficient' });
    expect(await command('crash')).toMatchObject({
      verdict: 'fail',
      evidence: { output: expect.stringContaining('Error: boom') },
    });
    expect(await command('absent')).toMatchObject({
      verdict: 'fail',
      observed: expect.stringContaining('could not be started'),
    });
    expect(await command('hang', 300)).toMatchObject({ verdict: 'fail', observed: 'no end within 300 ms' });
  });

  it('runs nothing that the operator has not declared, and hands on nothing of the server’s environment', async () => {
    expect(await command('toString')).toMatchObject({
      verdict: 'insufficient',
      observed: expect.stringContaining('no gate command toString'),
    });
    process.env.FAIRLEAD_SECRET_OF_THE_SERVER = 'x';
    expect((await command('secrets')).verdict).toBe('pass');
    delete process.env.FAIRLEAD_SECRET_OF_THE_SERVER;
  });
});

describe('the load trial', () => {
  it('calls the deployment in test over HTTP, with or without a rate', async () => {
    const trial = { kind: 'load-trial', concurrency: 2, maxP99Ms: 60_000, maxMemoryGrowthMb: 100_000 } as const;
    expect(await gate({ ...trial, requests: 30 })).toMatchObject({
      ...{ verdict: 'pass', type: 'load-trial@3' },
      evidence: { requests: 30, errors: 0, ratePerSecond: null },
    });
    expect(await gate({ ...trial, requests: 30, ratePerSecond: 200 })).toMatchObject({
      evidence: { errors: 0, ratePerSecond: 200 },
    });
    expect((await gate({ ...trial, requests: 30, minThroughput: 1e9 })).verdict).toBe('fail');
  });
});
