import { describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../../evaluation/index.js';
import type { ModelVersion } from '../../registry/index.js';
import type { GateSpec } from '../release-types.js';
import type { GateFacts } from './gate-facts.js';
import { gatesPass, judgeGate } from './judge-gate.js';

const interval = (estimate: number, lower: number, upper: number) => ({ estimate, lower, upper, confidence: 0.95 });
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

const version = {
  parity: { rows: 1000, maxAbsDifference: 1e-7, labelsEqual: true, tolerance: 1e-4, verdict: 'pass' },
  source: { datasetVersionId: 'v1' },
} as unknown as ModelVersion;

const facts = (change: Partial<GateFacts> = {}): GateFacts => ({
  version,
  report: report(interval(0.1, 0.04, 0.17)),
  deliveries: [],
  live: null,
  load: null,
  ...change,
});
const verdict = (spec: GateSpec, change: Partial<GateFacts> = {}) => judgeGate(spec, facts(change)).verdict;

describe('the gate against the baseline', () => {
  const gate = { kind: 'beats-baseline', margin: 0 } as const;
  it('asks for a lower bound above the margin, not for a point value', () => {
    expect(verdict(gate)).toBe('pass');
    expect(verdict({ ...gate, margin: 0.05 })).toBe('fail');
    expect(verdict(gate, { report: report(interval(0.05, -0.01, 0.1)) })).toBe('fail');
    expect(verdict(gate, { report: report(interval(0.05, 0, 0.1)) })).toBe('fail');
  });
  it('says nothing on a handful of rows', () => {
    expect(verdict(gate, { report: report(interval(0.5, 0.4, 0.6), 29) })).toBe('insufficient');
  });
});

describe('the gates of a model of numbers', () => {
  const numbers = {
    ...{ id: 'n', task: 'regression', rows: 200, strongestBaseline: 'mean', slices: [], scores: { rmse: 2 } },
    baselines: [{ baseline: 'mean', mseSkill: interval(0.4, 0.2, 0.5) }],
  } as unknown as EvaluationReport;
  it('read its skill, and leave open what only probabilities have', () => {
    const found = judgeGate({ kind: 'beats-baseline', margin: 0.1 }, facts({ report: numbers }));
    expect(found).toMatchObject({ verdict: 'pass', observed: expect.stringContaining('MSE skill') });
    expect(verdict({ kind: 'beats-baseline', margin: 0.3 }, { report: numbers })).toBe('fail');
    expect(verdict({ kind: 'calibration', maxEce: 0.1 }, { report: numbers })).toBe('insufficient');
    expect(verdict({ kind: 'slices', maxExcessBrier: 0.1, minRows: 10 }, { report: numbers })).toBe('insufficient');
  });
});

describe('the gate against the live version', () => {
  const gate = { kind: 'not-worse-than-live', margin: 0.01 } as const;
  const live = (gain: ReturnType<typeof interval>) => ({ live: { liveVersion: 1, rows: 300, brierGain: gain } });
  it('passes when nothing is live, and says so', () => {
    expect(judgeGate(gate, facts())).toMatchObject({ verdict: 'pass', observed: 'nothing is live yet' });
  });
  it('fails on a proven loss and stays open on an unproven one', () => {
    expect(verdict(gate, live(interval(0, -0.01, 0.01)))).toBe('pass');
    expect(verdict(gate, live(interval(-0.03, -0.05, -0.02)))).toBe('fail');
    expect(verdict(gate, live(interval(-0.02, -0.05, 0.02)))).toBe('insufficient');
  });
});

describe('the other gates', () => {
  it('judge slices of enough rows only', () => {
    expect(verdict({ kind: 'slices', maxExcessBrier: 0.1, minRows: 30 })).toBe('pass');
    expect(verdict({ kind: 'slices', maxExcessBrier: 0.1, minRows: 3 })).toBe('fail');
    expect(verdict({ kind: 'slices', maxExcessBrier: 0.1, minRows: 500 })).toBe('insufficient');
  });
  it('compare parity, calibration and the load trial with their bounds', () => {
    expect(verdict({ kind: 'onnx-parity', maxAbsDifference: 1e-4 })).toBe('pass');
    expect(verdict({ kind: 'onnx-parity', maxAbsDifference: 1e-9 })).toBe('fail');
    expect(verdict({ kind: 'calibration', maxEce: 0.03 })).toBe('fail');
    const trial = { kind: 'load-trial', requests: 100, concurrency: 4, maxP99Ms: 50, maxMemoryGrowthMb: 50 } as const;
    const load = {
      requests: 100,
      concurrency: 4,
      errors: 0,
      durationMs: 100,
      p50Ms: 1,
      p95Ms: 2,
      p99Ms: 3,
      memoryGrowthBytes: 0,
    };
    expect(verdict(trial)).toBe('insufficient');
    expect(verdict(trial, { load })).toBe('pass');
    expect(verdict(trial, { load: { ...load, errors: 1 } })).toBe('fail');
    expect(verdict(trial, { load: { ...load, p99Ms: 51 } })).toBe('fail');
  });
  it('take a contract without any delivery for no evidence', () => {
    expect(verdict({ kind: 'contract' })).toBe('insufficient');
  });
  it('pass together only when each passes', () => {
    const pass = judgeGate({ kind: 'beats-baseline', margin: 0 }, facts());
    expect(gatesPass([pass])).toBe(true);
    expect(gatesPass([pass, { ...pass, verdict: 'insufficient' }])).toBe(false);
    expect(gatesPass([])).toBe(false);
  });
});
