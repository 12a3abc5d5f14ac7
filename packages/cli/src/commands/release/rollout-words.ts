import { formatDuration } from '@fairlead/kernel';
import { count, formatRatio } from '../../terminal/format.js';
import { GAP, printFacts, printTable } from '../../terminal/print-table.js';

type Spec = Readonly<Record<string, unknown>>;

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);
const timeOf = (value: unknown): string => formatDuration(numberOf(value));

/** A rollout as somebody reads it who answers for the risk: strategy, steps, guardrails with their bounds. */
export function presentRollout(spec: Spec): string[] {
  const { strategy, ends } = STRATEGIES[String(spec.kind)]?.(spec) ?? {
    strategy: `${spec.kind} ${JSON.stringify(spec)}`,
    ends: null,
  };
  return [
    printFacts({ rollout: strategy, ends, 'longest wait': longestWait(spec) }),
    ...stepsOf(spec),
    ...guardrailsOf(spec.guardrails),
  ];
}

interface Strategy {
  readonly strategy: string;
  /** When it is over; null where that needs no words. */
  readonly ends: string | null;
}

const METRICS: Readonly<Record<string, string>> = {
  accuracy: 'accuracy by ground truth',
  reward: 'mean posted reward',
};
const metricOf = ({ metric }: Spec): string => METRICS[String(metric)] ?? String(metric);

const STRATEGIES: Readonly<Record<string, (spec: Spec) => Strategy>> = {
  'all-at-once': () => ({ strategy: 'all at once: every request in one switch, nothing is watched', ends: null }),
  canary: ({ advance }) => ({
    strategy: `canary: a growing share of the requests; ${advance === 'manual' ? 'a person takes every step' : 'steps follow by themselves'}`,
    ends: null,
  }),
  'blue-green': ({ holdMs, minRequests }) => ({
    strategy: 'blue-green: every request in one switch, the former version kept loaded beside it',
    ends: `released after ${timeOf(holdMs)} and ${count(numberOf(minRequests), 'request')} with all guardrails held`,
  }),
  shadow: () => ({
    strategy: 'shadow: a copy of every request, whose answers nobody sees',
    ends: 'when a person promotes it or goes back',
  }),
  'ab-test': (spec) => ({
    strategy: `A/B test: ${formatRatio(numberOf(spec.weight))} of the requests, by ${metricOf(spec)}`,
    ends: `once, when both versions have their observations: an improvement of ${spec.effect} is found with probability ${spec.power}, one that is not there with ${spec.alpha}; without a difference ${NO_DIFFERENCE[String(spec.onNoDifference)] ?? spec.onNoDifference}`,
  }),
  bandit: (spec) => ({
    strategy: `bandit: the share follows the ${metricOf(spec)} (${spec.algorithm}${spec.algorithm === 'epsilon-greedy' ? `, ${spec.epsilon} without looking` : ''}), drawn anew every ${timeOf(spec.redrawMs)}, at least ${formatRatio(numberOf(spec.floor))} for each version${armsOf(spec)}`,
    ends: `when one version is the best with probability ${spec.endAt} and each has ${count(numberOf(spec.minRewards), 'reward')}`,
  }),
};

function armsOf({ arms }: Spec): string {
  if (!Array.isArray(arms) || arms.length === 0) return '';
  const names = arms.map((arm) => (typeof arm === 'number' ? `version ${arm}` : `“${arm}”`));
  return `; arms beside the candidate and the live version: ${names.join(', ')}`;
}

const NO_DIFFERENCE: Readonly<Record<string, string>> = {
  hold: 'it stays as it is',
  rollback: 'it goes back',
  promote: 'the candidate takes over',
};

function longestWait({ maxWaitMs, onMaxWait }: Spec): string | null {
  if (typeof maxWaitMs !== 'number') return null;
  return `${timeOf(maxWaitMs)} without a judgement, then it ${onMaxWait === 'rollback' ? 'goes back' : 'stays where it is'}`;
}

function stepsOf({ steps, advance }: Spec): string[] {
  if (!Array.isArray(steps)) return [];
  const rows = (steps as { weight: number; minRequests: number }[]).map(({ weight, minRequests }, i) => {
    const seen = minRequests === 0 ? '' : `${count(minRequests, 'request')} of the candidate with `;
    const then = i === steps.length - 1 ? ': released' : advance === 'manual' ? ', and a person’s word' : '';
    return [String(i + 1), formatRatio(weight), `${seen}all guardrails held${then}`];
  });
  return [GAP, printTable(['step>', 'share>', 'until'], rows)];
}

const share = (value: unknown) => `at most ${formatRatio(numberOf(value))}`;
const apart = (value: unknown) => `at most ${formatRatio(numberOf(value))} above the live version’s`;

/** [guardrail, what it means, its bound in words]; those after the third compare with the live version over the same time. */
const GUARDRAILS: readonly (readonly [string, string, (value: unknown) => string])[] = [
  ['maxErrorRatio', 'requests that fail (5xx)', share],
  ['maxP99Ms', 'latency, p99', (value) => `at most ${value} ms`],
  ['maxNonFiniteRatio', 'answers that are not finite', share],
  ['maxErrorIncrease', 'requests that fail (5xx), compared', apart],
  ['maxRefusedIncrease', 'requests refused for their input (4xx)', apart],
  ['maxP99Ratio', 'latency, p99, compared', (value) => `at most ${value} times the live version’s`],
  [
    'maxPredictionShift',
    'what is answered',
    (value) =>
      `a label’s share at most ${formatRatio(numberOf(value))} from the live version’s; of numbers the mean, ${value} of a standard deviation`,
  ],
  [
    'maxAccuracyDrop',
    'accuracy by ground truth',
    (value) => `at most ${formatRatio(numberOf(value))} below the live version’s`,
  ],
  ['maxRewardDrop', 'mean reward', (value) => `at most ${value} below the live version’s`],
  ['fairness', 'fairness of the answers', fairness],
];

function fairness(value: unknown): string {
  const { column, label, maxDifference } = value as { column: string; label: string; maxDifference: number };
  return `shares of “${label}” at most ${formatRatio(maxDifference)} apart between groups of ${column}`;
}

function guardrailsOf(guardrails: unknown): string[] {
  if (typeof guardrails !== 'object' || guardrails === null) return [];
  const bounds = guardrails as Spec;
  const rows = GUARDRAILS.filter(([name]) => bounds[name] !== undefined).map(([name, what, words]) => [
    what,
    words(bounds[name]),
  ]);
  return [GAP, printTable(['guardrail', 'goes back unless'], rows)];
}
