import type { RegressionReport } from '../../evaluation/index.js';
import { magnitudeOf } from '../interval-rules.js';
import { rounded } from '../measure-words.js';
import { defineGate, insufficient, type Judgement, withinBound, withoutReport } from './define-gate.js';
import type { DeployedReport } from './deployed-report.js';
import type { GateSpecOf } from './gate-types.js';

const TITLE = 'Calibration';

/**
 * Of classes the expected calibration error as it was measured; of numbers the mean error with its interval. Since version 3 of what the
 * deployment in test answers; before, of the stored report.
 */
export const calibrationGate = defineGate<GateSpecOf<'calibration'>, DeployedReport>({
  kind: 'calibration',
  version: 3,
  measure: (room) => room.deployed(),
  judge: ({ maxEce, maxBias }, deployed) => {
    if (deployed.kind !== 'judged')
      return withoutReport(TITLE, 'probabilities, or numbers, as the bound says', deployed);
    const { report } = deployed;
    if (report.task === 'regression') {
      if (maxBias !== undefined) return ofNumbers(maxBias, report);
      return insufficient(TITLE, 'a bound maxBias', 'the model predicts numbers, and the gate has no maxBias');
    }
    if (maxEce === undefined) {
      return insufficient(TITLE, 'a bound maxEce', 'the model predicts classes, and the gate has no maxEce');
    }
    const { ece } = report.scores;
    return {
      title: TITLE,
      verdict: !Number.isFinite(ece) ? 'insufficient' : ece <= maxEce ? 'pass' : 'fail',
      observed: `expected calibration error ${rounded(ece)} on ${report.rows} rows`,
      required: `at most ${maxEce}`,
      evidence: { calibration: report.calibration },
    };
  },
});

function ofNumbers(maxBias: number, { intervals, residuals, rows }: RegressionReport): Judgement {
  const required = `mean error at most ${maxBias} either way`;
  const { bias } = intervals;
  if (bias === undefined || !Number.isFinite(bias.lower)) {
    return insufficient(TITLE, required, 'the mean error has no interval');
  }
  const { lower, upper } = bias;
  return {
    title: TITLE,
    verdict: withinBound(magnitudeOf(bias), maxBias),
    observed: `mean error ${rounded(bias.estimate)}, interval ${rounded(lower)} to ${rounded(upper)} on ${rows} rows`,
    required,
    interval: bias,
    evidence: { residuals },
  };
}
