import { describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../../evaluation/index.js';
import type { ModelVersion } from '../../registry/index.js';
import { beatsBaselineGate } from './beats-baseline-gate.js';
import { calibrationGate } from './calibration-gate.js';
import { commandGate } from './command-gate.js';
import { contractGate } from './contract-gate.js';
import type { DeployedReport } from './deployed-report.js';
import { documentationGate } from './documentation-gate.js';
import { type GroupCounts, judgeFairness } from './fairness-rules.js';
import { checkGates } from './gate-rules.js';
import { liveComparisonGate } from './live-comparison-gate.js';
import { loadTrialGate } from './load-trial/load-trial-gate.js';
import { onnxParityGate } from './onnx-parity-gate.js';
import { gatesPass } from './run-gates.js';
import { slicesGate } from './slices-gate.js';

const interval = (estimate: number, lower: number, upper: number) => ({ estimate, lower, upper, confidence: 0.95 });
type Unjudged = Exclude<DeployedReport, { kind: 'judged' }>;
const judged = (report: EvaluationReport): DeployedReport => ({
  ...{ kind: 'judged', report },
  answers: { task: 'regression', predicted: new Float64Array() },
});
const report = (skill: ReturnType<typeof interval>, rows = 364) =>
  ({
    id: 'r',
    rows,
    scores: { ece: 0.04 },
    strongestBaseline: 'persistence(raining)',
    baselines: [{ baseline: 'persistence(raining)', brierSkill: skill }],
    slices: [
      { slice: 'weather = snow', rows: 4, excessBrier: 0.4 },
      { slice: 'wind ≥ 6', rows: 40, excessBrier: 0.03 },
    ],
    calibration: [],
  }) as unknown as EvaluationReport;
const numbers = {
  ...{ id: 'n', task: 'regression', rows: 200, strongestBaseline: 'mean', scores: { rmse: 2 }, residuals: {} },
  baselines: [{ baseline: 'mean', mseSkill: interval(0.4, 0.2, 0.5) }],
  intervals: { bias: interval(-0.2, -0.3, -0.1) },
  slices: [
    { slice: 'port = A', rows: 90, rmse: 3, bias: 0, excessMse: 5, pValueAdjusted: 0.01 },
    { slice: 'port = B', rows: 5, rmse: 9, bias: 0, excessMse: 77, pValueAdjusted: 0.01 },
  ],
} as unknown as EvaluationReport;

describe('the gate against the baseline', () => {
  const gate = { kind: 'beats-baseline', margin: 0 } as const;
  const verdict = (margin: number, found: EvaluationReport) =>
    beatsBaselineGate.judge({ ...gate, margin }, judged(found)).verdict;
  it('asks for a lower bound above the margin, not for a point value', () => {
    const good = report(interval(0.1, 0.04, 0.17));
    expect(verdict(0, good)).toBe('pass');
    expect(verdict(0.05, good)).toBe('fail');
    expect(verdict(0, report(interval(0.05, -0.01, 0.1)))).toBe('fail');
    expect(verdict(0, report(interval(0.05, 0, 0.1)))).toBe('fail');
  });
  it('says nothing on a handful of rows, or without an evaluation', () => {
    expect(verdict(0, report(interval(0.5, 0.4, 0.6), 29))).toBe('insufficient');
  });
  it('reads the skill of a model of numbers', () => {
    expect(beatsBaselineGate.judge({ ...gate, margin: 0.1 }, judged(numbers))).toMatchObject({
      verdict: 'pass',
      observed: expect.stringContaining('MSE skill'),
    });
    expect(verdict(0.3, numbers)).toBe('fail');
  });
});

describe('the gates that judge what the deployment answers', () => {
  const gates = [
    (found: Unjudged) => beatsBaselineGate.judge({ kind: 'beats-baseline', margin: 0 }, found),
    (found: Unjudged) => liveComparisonGate.judge({ kind: 'not-worse-than-live', margin: 0 }, found),
    (found: Unjudged) => slicesGate.judge({ kind: 'slices', minRows: 1, maxExcessBrier: 1 }, found),
    (found: Unjudged) => calibrationGate.judge({ kind: 'calibration', maxEce: 1 }, found),
  ];
  it('say nothing without rows, and fail where the deployment answers otherwise', () => {
    for (const judge of gates) {
      const reason = 'the rows were erased';
      expect(judge({ kind: 'unmeasured', reason })).toMatchObject({ verdict: 'insufficient', observed: reason });
      const differing = { observed: 'Brier 0.3 where the report has 0.1', evidence: { rows: 600 } };
      expect(judge({ kind: 'differs', ...differing })).toMatchObject({ verdict: 'fail', ...differing });
    }
  });
});

describe('the gates of a model of numbers', () => {
  it('compare the error of slices with that of all rows', () => {
    const gate = { kind: 'slices', minRows: 30 } as const;
    expect(slicesGate.judge({ ...gate, maxRmseRatio: 1.6 }, judged(numbers))).toMatchObject({
      verdict: 'pass',
      observed: expect.stringContaining('port = A'),
    });
    expect(slicesGate.judge({ ...gate, maxRmseRatio: 1.4 }, judged(numbers)).verdict).toBe('fail');
    expect(slicesGate.judge({ ...gate, maxExcessBrier: 0.1 }, judged(numbers)).verdict).toBe('insufficient');
  });
  it('bound the mean error either way', () => {
    const verdict = (maxBias: number) =>
      calibrationGate.judge({ kind: 'calibration', maxBias }, judged(numbers)).verdict;
    expect(verdict(0.3)).toBe('pass');
    expect(verdict(0.2)).toBe('insufficient');
    expect(verdict(0.05)).toBe('fail');
    expect(calibrationGate.judge({ kind: 'calibration', maxEce: 0.1 }, judged(numbers)).verdict).toBe('insufficient');
  });
});

describe('the gate against the live version', () => {
  const gate = { kind: 'not-worse-than-live', margin: 0.01 } as const;
  const verdict = (gain: ReturnType<typeof interval>) =>
    liveComparisonGate.judge(gate, { liveVersion: 1, rows: 300, unanswered: 0, name: 'Brier gain', gain }).verdict;
  it('passes when nothing is live, and says so', () => {
    expect(liveComparisonGate.judge(gate, 'nothing-live')).toMatchObject({
      verdict: 'pass',
      observed: 'nothing is live yet',
    });
  });
  it('fails on a proven loss and stays open on an unproven one', () => {
    expect(verdict(interval(0, -0.01, 0.01))).toBe('pass');
    expect(verdict(interval(-0.03, -0.05, -0.02))).toBe('fail');
    expect(verdict(interval(-0.02, -0.05, 0.02))).toBe('insufficient');
    expect(verdict(interval(Number.NaN, Number.NaN, Number.NaN))).toBe('insufficient');
  });
});

describe('the fairness of a model', () => {
  const group = (name: string, selected: number, rows: number): GroupCounts => ({
    ...{ group: name, rows, selected },
    ...{ positives: rows / 2, truePositives: selected / 2, negatives: rows / 2, falsePositives: selected / 2 },
  });
  const one = (bounds: Parameters<typeof judgeFairness>[0], groups: GroupCounts[]) =>
    judgeFairness(bounds, groups, 30)[0];
  const far = [group('a', 300, 1_000), group('b', 500, 1_000)];

  it('fails on a proven distance, passes on a proven closeness, and is open in between', () => {
    const verdict = (maxSelectionDifference: number) => one({ maxSelectionDifference }, far)?.verdict;
    expect(verdict(0.1)).toBe('fail');
    expect(verdict(0.2)).toBe('insufficient');
    expect(verdict(0.3)).toBe('pass');
    expect(one({ maxSelectionDifference: 0.1 }, far)?.between).toEqual(['a', 'b']);
  });
  it('takes the smaller rate over the larger, whichever group that is', () => {
    for (const groups of [far, [...far].reverse()]) {
      expect(one({ minSelectionRatio: 0.8 }, groups)).toMatchObject({ verdict: 'fail', interval: { estimate: 0.6 } });
      expect(one({ minSelectionRatio: 0.5 }, groups)?.verdict).toBe('pass');
      expect(one({ minSelectionRatio: 0.6 }, groups)?.verdict).toBe('insufficient');
    }
    const alike = [group('a', 500, 1_000), group('b', 500, 1_000)];
    expect(one({ minSelectionRatio: 0.8 }, alike)).toMatchObject({
      verdict: 'pass',
      interval: { estimate: 1, upper: 1 },
    });
    const nobody = [group('a', 0, 1_000), group('b', 0, 1_000)];
    expect(one({ minSelectionRatio: 0.8 }, nobody)?.verdict).toBe('insufficient');
  });
  it('leaves groups out that are too small, and says which', () => {
    const groups = [...far, group('c', 20, 20)];
    expect(one({ maxSelectionDifference: 0.3 }, groups)).toMatchObject({ verdict: 'pass', small: ['c'] });
    expect(one({ maxTprDifference: 0.3 }, [group('a', 1, 50), group('b', 1, 50)])).toMatchObject({
      verdict: 'insufficient',
      small: ['a', 'b'],
    });
  });
});

describe('the other gates', () => {
  it('judge slices of enough rows only', () => {
    const found = report(interval(0, 0, 0));
    const verdict = (maxExcessBrier: number, minRows: number) =>
      slicesGate.judge({ kind: 'slices', maxExcessBrier, minRows }, judged(found)).verdict;
    expect(verdict(0.1, 30)).toBe('pass');
    expect(verdict(0.1, 3)).toBe('fail');
    expect(verdict(0.1, 500)).toBe('insufficient');
  });
  it('compare parity and calibration with their bounds', () => {
    const parity = { rows: 1000, maxAbsDifference: 1e-7, labelsEqual: true } as ModelVersion['parity'];
    const ofParity = (maxAbsDifference: number, found = parity) =>
      onnxParityGate.judge({ kind: 'onnx-parity', maxAbsDifference }, found).verdict;
    expect(ofParity(1e-4)).toBe('pass');
    expect(ofParity(1e-9)).toBe('fail');
    expect(ofParity(1, null)).toBe('insufficient');
    expect(
      calibrationGate.judge({ kind: 'calibration', maxEce: 0.03 }, judged(report(interval(0, 0, 0)))).verdict,
    ).toBe('fail');
  });
  it('hold a load trial to every budget that is declared', () => {
    const trial = { kind: 'load-trial', requests: 100, concurrency: 4, maxP99Ms: 50, maxMemoryGrowthMb: 50 } as const;
    const load = {
      ...{ requests: 100, concurrency: 4, ratePerSecond: null, errors: 0, failures: [], durationMs: 100 },
      ...{ throughput: 1_000, p50Ms: 1, p95Ms: 2, p99Ms: 3, maxMs: 4, memoryGrowthBytes: 0, processes: 1 },
    };
    expect(loadTrialGate.judge(trial, { problem: 'nobody has evaluated it' }).verdict).toBe('insufficient');
    expect(loadTrialGate.judge(trial, load).verdict).toBe('pass');
    expect(loadTrialGate.judge(trial, { ...load, errors: 1, failures: ['500: broken'] })).toMatchObject({
      verdict: 'fail',
      observed: expect.stringContaining('500: broken'),
    });
    expect(loadTrialGate.judge(trial, { ...load, p99Ms: 51 }).verdict).toBe('fail');
    expect(loadTrialGate.judge(trial, { ...load, memoryGrowthBytes: 51e6 }).verdict).toBe('fail');
    expect(loadTrialGate.judge({ ...trial, minThroughput: 1_001 }, load).verdict).toBe('fail');
    expect(loadTrialGate.judge({ ...trial, maxP50Ms: 0.5 }, load).verdict).toBe('fail');
    expect(loadTrialGate.judge({ ...trial, maxP95Ms: 1.5 }, load).verdict).toBe('fail');
  });
  it('take a contract without any delivery for no evidence', () => {
    expect(contractGate.judge({ kind: 'contract' }, { deliveries: [], datasetVersionId: null }).verdict).toBe(
      'insufficient',
    );
  });
  it('ask the model card for its share and for the fields that people write', () => {
    const field = (name: string, source: 'human' | 'missing') => ({
      ...{ section: 'Considerations', name, value: source === 'missing' ? null : 'x', source },
    });
    const card = {
      ...{ model: 'rain', version: 1, markdown: '', completenessRatio: 0.5 },
      fields: [field('Owner', 'human'), field('Risks and harms', 'missing')],
    };
    const verdict = (spec: object) => documentationGate.judge({ kind: 'documentation', ...spec }, card);
    expect(verdict({ minCompleteness: 0.5, fields: ['Considerations/Owner'] }).verdict).toBe('pass');
    expect(verdict({ minCompleteness: 0.6 }).verdict).toBe('fail');
    expect(verdict({ fields: ['Considerations/Risks and harms'] })).toMatchObject({
      verdict: 'fail',
      observed: expect.stringContaining('missing: Considerations/Risks and harms'),
    });
  });
  it('take a command by its exit code, and anything unforeseen for a failure', () => {
    const of = (exitCode: number | null) =>
      commandGate.judge({ kind: 'command', name: 'check' }, { kind: 'ended', exitCode, output: 'last words' }).verdict;
    expect([0, 1, 2, 3, 127, null].map(of)).toEqual(['pass', 'fail', 'insufficient', 'fail', 'fail', 'fail']);
  });
  it('pass together only when each passes', () => {
    expect(gatesPass([{ verdict: 'pass' }])).toBe(true);
    expect(gatesPass([{ verdict: 'pass' }, { verdict: 'insufficient' }])).toBe(false);
    expect(gatesPass([])).toBe(false);
  });
  it('are refused where they bound nothing', () => {
    expect(
      checkGates([
        { kind: 'fairness', columns: ['sex'] },
        { kind: 'robustness' },
        { kind: 'documentation' },
        { kind: 'calibration' },
        { kind: 'slices', minRows: 3 },
      ]),
    ).toHaveLength(5);
    expect(checkGates([{ kind: 'robustness', missing: {} }, { kind: 'contract' }])).toEqual([]);
  });
});
