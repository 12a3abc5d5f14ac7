import { createHash } from 'node:crypto';
import { columnOf, selectRows, type Table } from '@fairlead/frame';
import type { ProblemTarget } from '../engine/engine-types.js';
import type { TrainedPackage } from '../engine/run-training.js';
import type { ModelScorer } from '../model-scorer.js';
import { encodeTarget } from '../target-rules.js';
import type { ModelSignature } from '../training-types.js';
import type { Comparison, Estimate, LeaderRow, TestScores } from './fit-types.js';
import { type NaiveRule, naiveRules } from './naive-baselines.js';
import type { FitPlan } from './plan-fit.js';
import type { Selection } from './select-candidate.js';
import { comparableMetric, gainOver, scoreTest, type TestRows } from './test-scores.js';
import { splitUnseen } from './unseen-classes.js';

export interface JudgedModel {
  readonly labels: readonly string[];
  readonly test: TestScores;
  readonly baselines: readonly LeaderRow[];
  readonly comparison: Comparison | null;
  readonly notes: readonly string[];
}

interface JudgeInput {
  readonly selection: Selection;
  readonly scorer: Pick<ModelScorer, 'answer'>;
  /** The package as it was saved: what is tested is what will be used. */
  readonly path: string;
  readonly trained: TrainedPackage;
  readonly signature: ModelSignature;
  readonly signal?: AbortSignal | undefined;
}

/** Tests the saved package, and simple rules, on the rows that nothing was learned from or chosen by. */
export async function judgeModel(plan: FitPlan, input: JudgeInput): Promise<JudgedModel> {
  const { signature, selection } = input;
  const { labels } = signature;
  if (plan.split.test.length === 0) return { labels, test: {}, baselines: [], comparison: null, notes: [] };
  const { task, table, target, split, time, features, seed } = plan;
  const notes: string[] = [];
  const { rows, note } = splitUnseen(columnOf(table, target), { rows: split.test, signature });
  if (note !== null) notes.push(note);
  if (rows.length === 0) return { labels, test: {}, baselines: [], comparison: null, notes };
  const test = selectRows(table, rows);
  const train = selectRows(table, split.train);
  const read = (part: Table): ProblemTarget => targetOf(part, { target, signature });
  const truth = read(test);
  const { values: answers } = await input.scorer.answer({
    ...{
      digest: createHash('sha256').update(input.trained.bytes).digest('hex'),
      path: input.path,
      signature,
      table: test,
    },
    ...(input.signal && { signal: input.signal }),
  });
  const quantile = selection.alpha;
  const testRows: TestRows = { truth, ordered: time !== null, seed, quantile };
  const rules = naiveRules({
    ...{ task, train, test, features, ordered: time !== null, quantile },
    trainTarget: read(train),
    testTarget: truth,
  });
  const scores = scoreTest(testRows, answers);
  const baselines = rules.map(
    (rule): LeaderRow => ({
      ...{ name: rule.name, kind: 'baseline', params: {}, features: '', validation: null, failure: null, fitMs: null },
      test: scoreTest(testRows, rule.answers),
    }),
  );
  const { comparison, note: hint } = compare(testRows, { rules, answers, selection });
  if (hint !== null) notes.push(hint);
  return { labels, test: scores, baselines, comparison, notes };
}

function targetOf(part: Table, { target, signature }: { target: string; signature: ModelSignature }): ProblemTarget {
  return encodeTarget(target, columnOf(part, target), {
    task: signature.task,
    labels: signature.labels,
    partial: true,
  });
}

function compare(
  rows: TestRows,
  { rules, answers, selection }: { rules: readonly NaiveRule[]; answers: Float64Array; selection: Selection },
): { comparison: Comparison | null; note: string | null } {
  const metric = comparableMetric(selection.metric, rows.truth);
  const judged = rules.map((rule) => ({ rule, gain: gainOver(rows, metric, { model: answers, other: rule.answers }) }));
  const fair = judged.filter(({ rule }) => rule.fair).sort((a, b) => a.gain.value - b.gain.value)[0];
  if (fair === undefined) return { comparison: null, note: null };
  const unfair = judged.find(({ rule, gain }) => !rule.fair && gain.value < 0);
  const note = unfair
    ? `The rule "${unfair.rule.name}" (${unfair.rule.words}) scores better than the model. It can only be used where the truth of the row before is known in time.`
    : null;
  const verdict = verdictOf(fair.gain);
  const words = wordsOf(verdict, { rule: fair.rule, gain: fair.gain, metric });
  return { comparison: { baseline: fair.rule.name, metric, gain: fair.gain, verdict, words }, note };
}

function verdictOf({ lower, upper }: Estimate): Comparison['verdict'] {
  if (lower !== null && lower > 0) return 'better';
  return upper !== null && upper < 0 ? 'worse' : 'not better';
}

function wordsOf(
  verdict: Comparison['verdict'],
  { rule, gain, metric }: { rule: NaiveRule; gain: Estimate; metric: string },
): string {
  const shown = (value: number | null) => (value === null ? '?' : String(Number(value.toPrecision(3))));
  const by = `${metric} ${gain.value >= 0 ? 'better' : 'worse'} by ${shown(Math.abs(gain.value))}, 95 % interval of the gain ${shown(gain.lower)} to ${shown(gain.upper)}`;
  if (verdict === 'better') return `The model beats the best simple rule, ${rule.words}: ${by}.`;
  if (verdict === 'worse') return `The model is WORSE than a simple rule, ${rule.words}: ${by}. Do not use it.`;
  return `The model is not shown to be better than a simple rule, ${rule.words}: ${by}.`;
}
