import { addToSample, type Count, emptySample, type Sample } from '@fairlead/num';
import type { PredictionOutcome } from '../../monitoring/index.js';
import type { CapturedRow } from '../../serving/index.js';

/** What the prediction log says of one version, with what came true of its answers. */
export interface ArmLog {
  readonly rows: number;
  /** Answers by label. */
  readonly labels: ReadonlyMap<string, number>;
  /** The answers as numbers, of those that are. */
  readonly values: Sample;
  readonly correct: Count;
  readonly rewards: Sample;
  /** By value of the protected column: how many answers had the label in question. */
  readonly groups: ReadonlyMap<string, Count>;
}

interface Tally {
  rows: number;
  readonly labels: Map<string, number>;
  values: Sample;
  correct: { successes: number; trials: number };
  rewards: Sample;
  readonly groups: Map<string, { successes: number; trials: number }>;
}

export interface ReadLogOptions {
  readonly outcomes: ReadonlyMap<string, PredictionOutcome>;
  readonly fairness?: { readonly column: string; readonly label: string } | undefined;
}

/** Adds up captured rows by deployment. Rows that were not answered say nothing here; of an id asked twice both count. */
export function readArmLogs(
  rows: readonly CapturedRow[],
  { outcomes, fairness }: ReadLogOptions,
): ReadonlyMap<string, ArmLog> {
  const tallies = new Map<string, Tally>();
  for (const { deploymentId, id, label, inputs } of rows) {
    if (label === null) continue;
    let tally = tallies.get(deploymentId);
    if (tally === undefined) {
      tally = newTally();
      tallies.set(deploymentId, tally);
    }
    tally.rows += 1;
    tally.labels.set(label, (tally.labels.get(label) ?? 0) + 1);
    const value = Number(label);
    if (Number.isFinite(value)) tally.values = addToSample(tally.values, value);
    const outcome = outcomes.get(id);
    if (outcome?.label != null) addTo(tally.correct, outcome.label === label);
    if (outcome?.reward != null) tally.rewards = addToSample(tally.rewards, outcome.reward);
    if (fairness !== undefined) addTo(groupOf(tally, inputs[fairness.column]), label === fairness.label);
  }
  return tallies;
}

/** A shadow beside the version that answered, request by request. */
export interface ShadowComparison {
  /** Rows that both answered. */
  readonly pairs: number;
  /** Those with the same label. */
  readonly agreeing: number;
  /** Mean of |difference of the positive class's probability|; null of models without probabilities. */
  readonly meanProbabilityDifference: number | null;
  readonly largestProbabilityDifference: number | null;
}

/** Compares what a shadow answered with what the caller got, by the id of the prediction. */
export function compareShadow(
  rows: readonly CapturedRow[],
  { candidate, stable }: { candidate: string; stable: string },
): ShadowComparison {
  const answers = new Map(rows.filter((row) => row.deploymentId === stable).map((row) => [row.id, row]));
  let pairs = 0;
  let agreeing = 0;
  let differences = emptySample;
  let largest = 0;
  for (const row of rows) {
    const answer = row.deploymentId === candidate ? answers.get(row.id) : undefined;
    if (answer === undefined || row.label === null || answer.label === null) continue;
    pairs += 1;
    if (row.label === answer.label) agreeing += 1;
    if (row.probability === null || answer.probability === null) continue;
    const difference = Math.abs(row.probability - answer.probability);
    differences = addToSample(differences, difference);
    largest = Math.max(largest, difference);
  }
  const known = differences.count > 0;
  return {
    pairs,
    agreeing,
    meanProbabilityDifference: known ? differences.mean : null,
    largestProbabilityDifference: known ? largest : null,
  };
}

export const emptyLog = (): ArmLog => newTally();

function newTally(): Tally {
  return {
    rows: 0,
    labels: new Map(),
    values: emptySample,
    correct: { successes: 0, trials: 0 },
    rewards: emptySample,
    groups: new Map(),
  };
}

function groupOf({ groups }: Tally, cell: unknown): { successes: number; trials: number } {
  const name = cell === null || cell === undefined ? '(missing)' : String(cell);
  let group = groups.get(name);
  if (group === undefined) {
    group = { successes: 0, trials: 0 };
    groups.set(name, group);
  }
  return group;
}

function addTo(count: { successes: number; trials: number }, success: boolean): void {
  count.trials += 1;
  if (success) count.successes += 1;
}
