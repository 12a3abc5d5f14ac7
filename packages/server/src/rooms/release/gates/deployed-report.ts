import type { Table } from '@fairlead/frame';
import type { Answers, EvaluationReport, EvaluationService } from '../../evaluation/index.js';
import type { ModelVersion } from '../../registry/index.js';
import { rounded } from '../measure-words.js';
import type { DeployedAnswers } from './deployed-answers.js';
import type { GateResult } from './gate-types.js';
import { NOT_EVALUATED } from './gate-words.js';

/** What the deployment in test is worth on the rows that the stored report judged the model on. */
export type DeployedReport =
  | { readonly kind: 'judged'; readonly report: EvaluationReport; readonly answers: Answers }
  /** The deployment does not answer as the model did that was evaluated. */
  | { readonly kind: 'differs'; readonly observed: string; readonly evidence: GateResult['evidence'] }
  | { readonly kind: 'unmeasured'; readonly reason: string };

/** Of the stored score, or absolute below one: rounding of Float32 moves means far less, one changed row in thousands more. */
const TOLERANCE = 1e-5;

/** The rows that an evaluation judged a version on, or why they are not there. */
export type EvaluatedRows = { readonly table: Table } | { readonly problem: string };

export interface JudgeDeployed {
  readonly evaluation: Pick<EvaluationService, 'judgeAnswers'>;
  readonly version: Pick<ModelVersion, 'signature'>;
  readonly signal: AbortSignal;
  /** Null: nobody has evaluated the version here. */
  readonly stored: EvaluationReport | null;
  readonly rows: () => Promise<EvaluatedRows>;
  /** What the deployment in test says to all rows of a table. */
  readonly answers: (table: Table) => Promise<DeployedAnswers>;
}

/** Asks the deployment in test for every row of the stored report and judges the answers as the report was made. */
export async function judgeDeployed(given: JudgeDeployed): Promise<DeployedReport> {
  const { evaluation, stored, signal } = given;
  const { signature } = given.version;
  if (stored === null) return { kind: 'unmeasured', reason: NOT_EVALUATED };
  if (stored.question === undefined) {
    const reason = `the report ${stored.id} is of a former version and does not say which baselines and slices it was asked for: run the pipeline again`;
    return { kind: 'unmeasured', reason };
  }
  const found = await given.rows();
  if ('problem' in found) return { kind: 'unmeasured', reason: found.problem };
  const { rowCount } = found.table;
  if (rowCount !== stored.rows) {
    const reason = `the part ${stored.part} has ${rowCount} rows, and the report was made on ${stored.rows}`;
    return { kind: 'unmeasured', reason };
  }
  const answered = await given.answers(found.table);
  if (answered.unanswered.length > 0) return withoutAnswer(answered, rowCount);
  if (!answered.hasProbabilities) {
    return { kind: 'unmeasured', reason: 'the deployment in test gives labels without probabilities' };
  }
  const { answers } = answered;
  const impossible = impossibleIn(answers);
  if (impossible !== null) return { kind: 'differs', ...impossible };
  const report = await evaluation.judgeAnswers({ report: stored, signature, answers }, { signal });
  return differenceOf(stored, report) ?? { kind: 'judged', report, answers };
}

function withoutAnswer({ unanswered, codes }: DeployedAnswers, rows: number): DeployedReport {
  const first = unanswered[0] ?? 0;
  return {
    kind: 'differs',
    observed: `the deployment in test does not answer ${unanswered.length} of the ${rows} rows that the report was made on (${codes.join(', ')}; the first is row ${first})`,
    evidence: { rows, unanswered: unanswered.length, firstRow: first, codes },
  };
}

/** Answers that no model of this signature gives; null when there are none. */
function impossibleIn(answers: Answers): Pick<GateResult, 'observed' | 'evidence'> | null {
  if (answers.task === 'regression') return null;
  const row = answers.predicted.indexOf(-1);
  if (row >= 0) {
    const observed = `the deployment in test gives row ${row} a label that the model does not have`;
    return { observed, evidence: { row } };
  }
  const cell = answers.probabilities.findIndex((value) => !(value >= 0 && value <= 1 + TOLERANCE));
  if (cell < 0) return null;
  const [first, probability] = [
    Math.floor(cell / (answers.probabilities.length / answers.predicted.length)),
    answers.probabilities[cell],
  ];
  const observed = `the deployment in test gives row ${first} the probability ${probability}`;
  return { observed, evidence: { row: first, probability } };
}

/** Null when both are the same but for rounding. */
function differenceOf(stored: EvaluationReport, deployed: EvaluationReport): DeployedReport | null {
  const [was, is] = [scoresOf(stored), scoresOf(deployed)];
  const differing = Object.keys(was).filter((name) => {
    const [before = Number.NaN, after = Number.NaN] = [was[name], is[name]];
    // One row whose two labels are equally probable may fall to the other side.
    const rows = name === 'accuracy' ? 1.5 / stored.rows : 0;
    return !(Math.abs(after - before) <= Math.max(TOLERANCE * Math.max(1, Math.abs(before)), rows));
  });
  if (differing.length === 0) return null;
  const inWords = differing.map(
    (name) => `${name} ${rounded(is[name] ?? Number.NaN)} where the report has ${rounded(was[name] ?? Number.NaN)}`,
  );
  return {
    kind: 'differs',
    observed: `the deployment in test does not answer as the evaluated model did: ${inWords.join(', ')} on the same ${stored.rows} rows`,
    evidence: { reportId: stored.id, rows: stored.rows, reported: was, deployed: is },
  };
}

function scoresOf(report: EvaluationReport): Readonly<Record<string, number>> {
  if (report.task === 'regression') return { RMSE: report.scores.rmse, MAE: report.scores.mae };
  return { Brier: report.scores.brier, accuracy: report.scores.accuracy };
}
