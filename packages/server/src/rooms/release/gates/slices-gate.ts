import type { ClassificationReport, RegressionReport } from '../../evaluation/index.js';
import { rounded } from '../measure-words.js';
import { defineGate, insufficient, type Judgement, withoutReport } from './define-gate.js';
import type { DeployedReport } from './deployed-report.js';
import type { GateSpecOf } from './gate-types.js';

type SlicesSpec = GateSpecOf<'slices'>;

const TITLE = 'Slices';

/** Since version 3 of what the deployment in test answers; before, of the stored report. */
export const slicesGate = defineGate<SlicesSpec, DeployedReport>({
  kind: 'slices',
  version: 3,
  measure: (room) => room.deployed(),
  judge: (spec, deployed) => {
    if (deployed.kind !== 'judged') {
      return withoutReport(TITLE, `slices of at least ${spec.minRows} rows within their bound`, deployed);
    }
    const { report } = deployed;
    return report.task === 'regression' ? ofNumbers(spec, report) : ofClasses(spec, report);
  },
});

function ofClasses({ maxExcessBrier, minRows }: SlicesSpec, report: ClassificationReport): Judgement {
  if (maxExcessBrier === undefined) return noBound('maxExcessBrier', 'classes');
  const large = report.slices.filter((slice) => slice.rows >= minRows);
  const worst = largestOf(large, (slice) => slice.excessBrier);
  return {
    title: TITLE,
    verdict: worst === undefined ? 'insufficient' : worst.excessBrier <= maxExcessBrier ? 'pass' : 'fail',
    observed:
      worst === undefined
        ? `no slice of at least ${minRows} rows`
        : `worst of ${large.length}: ${worst.slice}, Brier ${rounded(worst.excessBrier)} above all rows (${worst.rows} rows)`,
    required: `no slice of at least ${minRows} rows more than ${maxExcessBrier} above all rows`,
    evidence: { slices: large.slice(0, 10) },
  };
}

function ofNumbers({ maxRmseRatio, minRows }: SlicesSpec, report: RegressionReport): Judgement {
  if (maxRmseRatio === undefined) return noBound('maxRmseRatio', 'numbers');
  const large = report.slices.filter((slice) => slice.rows >= minRows);
  const worst = largestOf(large, (slice) => slice.rmse);
  const ratio = worst === undefined ? Number.NaN : worst.rmse / report.scores.rmse;
  return {
    title: TITLE,
    // Without any error at all there is nothing to compare: no slice is worse.
    verdict: worst === undefined ? 'insufficient' : worst.rmse === 0 || ratio <= maxRmseRatio ? 'pass' : 'fail',
    observed:
      worst === undefined
        ? `no slice of at least ${minRows} rows`
        : `worst of ${large.length}: ${worst.slice}, RMSE ${rounded(worst.rmse)}, ${rounded(ratio)} times that of all rows (${worst.rows} rows)`,
    required: `no slice of at least ${minRows} rows with more than ${maxRmseRatio} times the RMSE of all rows`,
    evidence: { rmse: report.scores.rmse, slices: large.slice(0, 10) },
  };
}

const noBound = (bound: string, task: string): Judgement =>
  insufficient(TITLE, `a bound ${bound}`, `the model predicts ${task}, and the gate has no ${bound}`);

function largestOf<T>(items: readonly T[], sizeOf: (item: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (found, item) => (found === undefined || sizeOf(item) > sizeOf(found) ? item : found),
    undefined,
  );
}
