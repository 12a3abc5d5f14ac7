import type { Verdict } from '@fairlead/kernel';
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

const beatsBaseline: Judge<'beats-baseline'> = ({ margin }, { report }) => {
  const strongest = report.baselines.find((comparison) => comparison.baseline === report.strongestBaseline);
  const skill = strongest?.brierSkill;
  const enough = skill !== undefined && report.rows >= MIN_ROWS && Number.isFinite(skill.lower);
  return {
    title: 'Skill over the strongest baseline',
    verdict: !enough ? 'insufficient' : skill.lower > margin ? 'pass' : 'fail',
    observed:
      skill === undefined
        ? 'no baseline was evaluated'
        : `Brier skill ${f(skill.estimate)} over ${report.strongestBaseline}, interval ${f(skill.lower)} to ${f(skill.upper)} on ${report.rows} rows`,
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

const onnxParity: Judge<'onnx-parity'> = ({ maxAbsDifference }, { version: { parity } }) => ({
  title: 'ONNX parity',
  verdict: parity.labelsEqual && parity.maxAbsDifference <= maxAbsDifference ? 'pass' : 'fail',
  observed: `largest difference ${parity.maxAbsDifference.toExponential(1)} over ${parity.rows} rows, labels ${parity.labelsEqual ? 'equal' : 'differ'}`,
  required: `at most ${maxAbsDifference}, labels equal`,
  evidence: { ...parity },
});

const slices: Judge<'slices'> = ({ maxExcessBrier, minRows }, { report }) => {
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
    required: `no slice of at least ${minRows} rows more than ${maxExcessBrier} above all rows`,
    evidence: { slices: large.slice(0, 10) },
  };
};

const calibration: Judge<'calibration'> = ({ maxEce }, { report }) => ({
  title: 'Calibration',
  verdict: !Number.isFinite(report.scores.ece) ? 'insufficient' : report.scores.ece <= maxEce ? 'pass' : 'fail',
  observed: `expected calibration error ${f(report.scores.ece)} on ${report.rows} rows`,
  required: `at most ${maxEce}`,
  evidence: { calibration: report.calibration },
});

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
