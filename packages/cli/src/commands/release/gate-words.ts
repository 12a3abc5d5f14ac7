import { formatDuration } from '@fairlead/kernel';
import { count, formatRatio } from '../../terminal/format.js';

type Parameters = Readonly<Record<string, unknown>>;

/** A gate as the policy has it; `kind` is without its version. */
export interface PlannedGate {
  readonly kind: string;
  readonly parameters: Parameters;
}

/** What a gate asks for, as somebody reads it who answers for the risk. */
export function gateInWords({ kind, parameters }: PlannedGate): string {
  const words = WORDS[kind];
  return words === undefined ? parametersInWords(parameters) : words(parameters);
}

const numberOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
/** Those that are given, in their order. */
const given = (...parts: (string | false)[]): string => parts.filter((part) => part !== false).join(', ');
const bound = (value: unknown, words: (value: number) => string): string | false =>
  typeof value === 'number' && words(value);

const WORDS: Readonly<Record<string, (asked: Parameters) => string>> = {
  contract: () => 'every delivery behind the training data was accepted under its contract',
  'beats-baseline': ({ margin }) => `skill over the strongest baseline above ${margin}, by its whole 95 % interval`,
  'not-worse-than-live': ({ margin, loss = 'squared' }) =>
    `on the same rows at most ${margin} worse than the live version (Brier score; of numbers share of its ${loss} error)`,
  'onnx-parity': ({ maxAbsDifference }) => `same labels as the trainer, probabilities within ${maxAbsDifference}`,
  slices: ({ maxExcessBrier, maxRmseRatio, minRows }) =>
    `no slice of at least ${count(numberOf(minRows, 1), 'row')} has ${given(
      bound(maxExcessBrier, (most) => `a Brier score more than ${most} above that of all rows`),
      bound(maxRmseRatio, (most) => `more than ${most} times the RMSE of all rows`),
    )}`,
  calibration: ({ maxEce, maxBias }) =>
    given(
      bound(maxEce, (most) => `expected calibration error at most ${most}`),
      bound(maxBias, (most) => `mean error at most ${most} either way`),
    ),
  fairness: fairnessInWords,
  robustness: robustnessInWords,
  reproduction: ({ level, timeoutMs }) =>
    given(
      `done again from its record with ${String(level).replace('-', ' ')}`,
      bound(timeoutMs, (most) => `by the gate itself within ${formatDuration(most)} where nobody has`),
    ),
  documentation: ({ minCompleteness, fields }) =>
    given(
      bound(minCompleteness, (least) => `${formatRatio(least)} of the model card filled`),
      listOf(fields).length > 0 && `written by people: ${listOf(fields).join('; ')}`,
    ),
  'load-trial': loadInWords,
  command: ({ name, timeoutMs }) =>
    `the operator’s command ${name} ends with 0 within ${formatDuration(numberOf(timeoutMs, 300_000))}`,
};

function fairnessInWords(asked: Parameters): string {
  const { columns, label, threshold, minGroupRows = 30 } = asked;
  const selected = label ?? (threshold === undefined ? 'the last label' : `${threshold} and more`);
  return `${given(
    bound(asked.maxSelectionDifference, (most) => `shares selected at most ${formatRatio(most)} apart`),
    bound(asked.minSelectionRatio, (least) => `the smaller share selected at least ${least} of the larger`),
    bound(asked.maxTprDifference, (most) => `true positive rates at most ${formatRatio(most)} apart`),
    bound(asked.minTprRatio, (least) => `the smaller true positive rate at least ${least} of the larger`),
    bound(asked.maxFprDifference, (most) => `false positive rates at most ${formatRatio(most)} apart`),
  )} between groups of ${listOf(columns).join(', ')} with ${minGroupRows} rows or more (selected: ${selected})`;
}

function robustnessInWords({ noise, missing, outOfRange, rows = 500 }: Parameters): string {
  const disturbed = (name: string, value: unknown): string | false => {
    if (typeof value !== 'object' || value === null) return false;
    const { share, maxChangedRatio, maxLoss } = value as Parameters;
    const limits = given(
      bound(maxChangedRatio, (most) => `at most ${formatRatio(most)} of the answers change`),
      bound(maxLoss, (most) => `at most ${most} lost (accuracy; of numbers growth of the mean error)`),
    );
    const what = bound(share, (of) => `${name} of ${formatRatio(of)} of a standard deviation`) || name;
    return `${what}: answered or refused${limits === '' ? '' : `, ${limits}`}`;
  };
  const parts = [
    disturbed('noise', noise),
    disturbed('an input missing', missing),
    disturbed('an input far outside', outOfRange),
  ].filter((part) => part !== false);
  return `${parts.join('; ')} (${rows} rows)`;
}

function loadInWords(asked: Parameters): string {
  const requests = count(numberOf(asked.requests, 0), 'request');
  const way = given(
    `${asked.concurrency} at a time`,
    bound(asked.ratePerSecond, (rate) => `due at ${rate} per second`),
  );
  return `${requests}, ${way}: ${given(
    'no errors',
    bound(asked.maxP50Ms, (most) => `p50 at most ${most} ms`),
    bound(asked.maxP95Ms, (most) => `p95 at most ${most} ms`),
    bound(asked.maxP99Ms, (most) => `p99 at most ${most} ms`),
    bound(asked.minThroughput, (least) => `at least ${least} answers per second`),
    bound(asked.maxMemoryGrowthMb, (most) => `at most ${most} MB more memory`),
  )}`;
}

/** Of a gate that this program is too old to know. */
function parametersInWords(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
}
