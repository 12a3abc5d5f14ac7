import type { Verdict } from '@fairlead/kernel';
import { skillOf } from '../../evaluation/index.js';
import type { GateResult, GateSpec } from '../release-types.js';
import type { GateFacts } from './gate-facts.js';

type Judgement = Omit<GateResult, 'kind'>;
type Judge<K extends GateSpec['kind']> = (spec: Extract<GateSpec, { kind: K }>, facts: GateFacts) => Judgement;

/** Fewer scored rows than this and a comparison says nothing. */
const MIN_ROWS = 30;

const contract: Judge<'contract'> = (_spec, { deliveries, version }) => {
  const rejected = deliveries.reduce((sum, delivery) => sum + delivery.rejectedRows, 0);
  const received = deliveries.reduce((sum, delivery) => sum + delivery.receivedRows, 0);
  const bad = deliveries.filter((delivery) => delivery.outcome === 'refused');
  const verdict: Verdict = deliveries.length === 0 ? 'insufficient' : bad.length === 0 ? 'pass' : 'fail';
  return {
    title: 'Data contract',
    verdict,
    observed: `${deliveries.length} accepted deliveries, ${rejected} of ${received} rows in quarantine`,
    required: 'every delivery behind the training data was accepted under its contract',
    evidence: {
      datasetVersionId: version.source.datasetVersionId,
      deliveries: deliveries.map((delivery) => delivery.id),
    },
  };
};

/** What a gate on an evaluation says of a version that came from elsewhere. */
const unknown = (title: string, required: string, observed = 'nobody has evaluated the version here'): Judgement => ({
  title,
  verdict: 'insufficient',
  observed,
  required,
  evidence: {},
});

const beatsBaseline: Judge<'beats-baseline'> = ({ margin }, { report }) => {
  if (report === null) return unknown('Skill over the strongest baseline', `lower bound above ${margin}`);
  const found = skillOf(report);
  const skill = found?.skill;
  const enough = skill !== undefined && report.rows >= MIN_ROWS && Number.isFinite(skill.lower);
  return {
    title: 'Skill over the strongest baseline',
    verdict: !enough ? 'insufficient' : skill.lower > margin ? 'pass' : 'fail',
    observed:
      skill === undefined
        ? 'no baseline was evaluated'
        : `${found?.name} ${f(skill.estimate)} over ${report.strongestBaseline}, interval ${f(skill.lower)} to ${f(skill.upper)} on ${report.rows} rows`,
    required: `lower bound above ${margin}`,
    ...(skill !== undefined && { interval: skill }),
    evidence: { reportId: report.id, baseline: report.strongestBaseline, rows: report.rows },
  };
};

const notWorseThanLive: Judge<'not-worse-than-live'> = ({ margin }, { live }) => {
  const required = `not worse than the live version by more than ${margin} of Brier score`;
  if (live === null) {
    return {
      title: 'Against the live version',
      verdict: 'pass',
      observed: 'nothing is live yet',
      required,
      evidence: {},
    };
  }
  if (live === 'unmeasured') return unknown('Against the live version', required);
  const { brierGain, rows, liveVersion } = live;
  const verdict: Verdict =
    rows < MIN_ROWS
      ? 'insufficient'
      : brierGain.upper < -margin
        ? 'fail'
        : brierGain.estimate < -margin
          ? 'insufficient'
          : 'pass';
  return {
    title: 'Against the live version',
    verdict,
    observed: `Brier gain ${f(brierGain.estimate)} over version ${liveVersion}, interval ${f(brierGain.lower)} to ${f(brierGain.upper)} on ${rows} rows`,
    required,
    interval: brierGain,
    evidence: { liveVersion, rows },
  };
};

const onnxParity: Judge<'onnx-parity'> = ({ maxAbsDifference }, { version: { parity } }) => {
  const title = 'ONNX parity';
  const required = `at most ${maxAbsDifference}, labels equal`;
  if (parity === null) return unknown(title, required, 'what the ONNX file was converted from is not here');
  return {
    title,
    verdict: parity.labelsEqual && parity.maxAbsDifference <= maxAbsDifference ? 'pass' : 'fail',
    observed: `largest difference ${parity.maxAbsDifference.toExponential(1)} over ${parity.rows} rows, labels ${parity.labelsEqual ? 'equal' : 'differ'}`,
    required,
    evidence: { ...parity },
  };
};

/** The gate is stated in units of a score that a model of numbers does not have. */
const ofNumbers = (title: string, required: string): Judgement => ({
  title,
  verdict: 'insufficient',
  observed: 'the model predicts numbers, and the gate is about probabilities',
  required,
  evidence: {},
});

const slices: Judge<'slices'> = ({ maxExcessBrier, minRows }, { report }) => {
  const required = `no slice of at least ${minRows} rows more than ${maxExcessBrier} above all rows`;
  if (report === null) return unknown('Slices', required);
  if (report.task === 'regression') return ofNumbers('Slices', required);
  const large = report.slices.filter((slice) => slice.rows >= minRows);
  const worst = large.reduce<(typeof large)[number] | undefined>(
    (found, slice) => (found === undefined || slice.excessBrier > found.excessBrier ? slice : found),
    undefined,
  );
  return {
    title: 'Slices',
    verdict: worst === undefined ? 'insufficient' : worst.excessBrier <= maxExcessBrier ? 'pass' : 'fail',
    observed:
      worst === undefined
        ? `no slice of at least ${minRows} rows`
        : `worst of ${large.length}: ${worst.slice}, Brier ${f(worst.excessBrier)} above all rows (${worst.rows} rows)`,
    required,
    evidence: { slices: large.slice(0, 10) },
  };
};

const calibration: Judge<'calibration'> = ({ maxEce }, { report }) => {
  const required = `at most ${maxEce}`;
  if (report === null) return unknown('Calibration', required);
  if (report.task === 'regression') return ofNumbers('Calibration', required);
  const { ece } = report.scores;
  return {
    title: 'Calibration',
    verdict: !Number.isFinite(ece) ? 'insufficient' : ece <= maxEce ? 'pass' : 'fail',
    observed: `expected calibration error ${f(ece)} on ${report.rows} rows`,
    required,
    evidence: { calibration: report.calibration },
  };
};

const loadTrial: Judge<'load-trial'> = (spec, { load }) => {
  const required = `p99 at most ${spec.maxP99Ms} ms, no errors, memory growth at most ${spec.maxMemoryGrowthMb} MB`;
  if (load === null) {
    return { title: 'Load trial', verdict: 'insufficient', observed: 'no trial was run', required, evidence: {} };
  }
  const growthMb = load.memoryGrowthBytes / 1e6;
  const good = load.errors === 0 && load.p99Ms <= spec.maxP99Ms && growthMb <= spec.maxMemoryGrowthMb;
  const rate = Math.round(load.requests / (load.durationMs / 1000));
  return {
    title: 'Load trial in test',
    verdict: good ? 'pass' : 'fail',
    observed: `${load.requests} requests, ${load.concurrency} at a time: ${rate}/s, p50 ${f(load.p50Ms)} ms, p99 ${f(load.p99Ms)} ms, ${load.errors} errors, ${f(growthMb)} MB more memory`,
    required,
    evidence: { ...load },
  };
};

const f = (value: number) => (Math.round(value * 1e4) / 1e4).toString();

/** Decides one gate on the facts. Pure: the same facts always give the same verdict. */
export function judgeGate(spec: GateSpec, facts: GateFacts): GateResult {
  switch (spec.kind) {
    case 'contract':
      return { kind: spec.kind, ...contract(spec, facts) };
    case 'beats-baseline':
      return { kind: spec.kind, ...beatsBaseline(spec, facts) };
    case 'not-worse-than-live':
      return { kind: spec.kind, ...notWorseThanLive(spec, facts) };
    case 'onnx-parity':
      return { kind: spec.kind, ...onnxParity(spec, facts) };
    case 'slices':
      return { kind: spec.kind, ...slices(spec, facts) };
    case 'calibration':
      return { kind: spec.kind, ...calibration(spec, facts) };
    case 'load-trial':
      return { kind: spec.kind, ...loadTrial(spec, facts) };
  }
}

/** Gates pass only when every one of them passes: `insufficient` never counts for a model. */
export function gatesPass(results: readonly GateResult[]): boolean {
  return results.length > 0 && results.every((result) => result.verdict === 'pass');
}
