import { selectRows, type Table } from '@fairlead/frame';
import type { Interval, Verdict } from '@fairlead/kernel';
import { bootstrapMeans, createRng, wilsonInterval } from '@fairlead/num';
import { numbersOf, truthOf } from '../../evaluation/index.js';
import type { ModelSignature } from '../../training/index.js';
import { rounded } from '../measure-words.js';
import type { Answer } from './ask-deployment.js';
import { defineGate, insufficient, withinBound, worstOf } from './define-gate.js';
import { type Disturbance, disturbRows, standardDeviation } from './disturb-rows.js';
import type { GateRoom } from './gate-room.js';
import type { DisturbanceBounds, RobustnessSpec } from './gate-types.js';
import { inputRows, spreadRows } from './input-rows.js';

interface Disturbed {
  readonly kind: Disturbance;
  /** Of the rows that were answered undisturbed: what became of them. */
  readonly answered: number;
  readonly refused: number;
  readonly failed: number;
  readonly failures: readonly string[];
  readonly changed: number;
  /** Mean loss disturbed minus undisturbed on the rows answered both times; of numbers as a share of the latter. */
  readonly loss: Interval | null;
}

type Measured = { readonly problem: string } | { readonly rows: number; readonly disturbed: readonly Disturbed[] };

const ROWS = 500;
const RESAMPLES = 1_000;
/** A number that moves by less than this part of the standard deviation of all answers has not changed. */
const MOVED = 0.1;
const TITLE = 'Robustness';
const NAMES: Readonly<Record<Disturbance, string>> = {
  noise: 'noise',
  missing: 'missing values',
  outOfRange: 'values out of range',
};

/**
 * The deployment in test is asked real rows, then the same ones disturbed. A clean refusal of a disturbed input counts as
 * handled; an error of the server or an answer that is not finite does not, whatever the bounds.
 */
export const robustnessGate = defineGate<RobustnessSpec, Measured>({
  kind: 'robustness',
  version: 1,
  measure: disturb,
  judge: (spec, measured) => {
    const required = requiredOf(spec);
    if ('problem' in measured) return insufficient(TITLE, required, measured.problem);
    const findings = measured.disturbed.flatMap((one) => findingsOf(one, spec[one.kind] ?? {}));
    const worst = worstOf(findings);
    if (worst === undefined) return insufficient(TITLE, required, 'the gate names no disturbance');
    const rest = findings.length === 1 ? '' : `; worst of ${findings.length} findings`;
    return {
      title: TITLE,
      verdict: worst.verdict,
      observed: `${worst.observed}${rest}, ${measured.rows} rows`,
      required,
      ...(worst.interval !== undefined && { interval: worst.interval }),
      evidence: { ...measured, findings },
    };
  },
});

interface Finding {
  readonly verdict: Verdict;
  readonly observed: string;
  readonly interval?: Interval;
}

function findingsOf(seen: Disturbed, { maxChangedRatio, maxLoss }: DisturbanceBounds): Finding[] {
  const { kind, answered, refused, failed, failures, changed, loss } = seen;
  const name = NAMES[kind];
  if (answered + refused + failed === 0) {
    return [{ verdict: 'insufficient', observed: `${name}: the model has no input to disturb so` }];
  }
  const handled: Finding = {
    verdict: failed === 0 ? 'pass' : 'fail',
    observed: `${name}: ${answered} answered, ${refused} refused, ${failed} failed${failed === 0 ? '' : ` (${failures.join(', ')})`}`,
  };
  const inWords = ({ estimate, lower, upper }: Interval) =>
    `${rounded(estimate)} [${rounded(lower)}, ${rounded(upper)}]`;
  const found = [handled];
  // Where every disturbed input is refused, no prediction changes: that is handled, and there is nothing to bound.
  if (maxChangedRatio !== undefined && answered > 0) {
    const interval = wilsonInterval(changed, answered);
    const observed = `${name}: share of changed predictions ${inWords(interval)}`;
    found.push({ verdict: withinBound(interval, maxChangedRatio), observed, interval });
  }
  if (maxLoss !== undefined && answered > 0) {
    found.push(
      loss === null
        ? { verdict: 'insufficient', observed: `${name}: too few rows to measure a loss` }
        : { verdict: withinBound(loss, maxLoss), observed: `${name}: loss ${inWords(loss)}`, interval: loss },
    );
  }
  return found;
}

const KINDS = ['noise', 'missing', 'outOfRange'] as const;

function requiredOf(spec: RobustnessSpec): string {
  const parts = KINDS.flatMap((kind) => {
    const bounds = spec[kind];
    if (bounds === undefined) return [];
    const { maxChangedRatio, maxLoss } = bounds;
    const limits = [
      ...(maxChangedRatio === undefined ? [] : [`changed at most ${maxChangedRatio}`]),
      ...(maxLoss === undefined ? [] : [`loss at most ${maxLoss}`]),
    ];
    return [`${NAMES[kind]}: answered or refused${limits.length === 0 ? '' : `, ${limits.join(', ')}`}`];
  });
  return parts.join('; ');
}

async function disturb(room: GateRoom, spec: RobustnessSpec): Promise<Measured> {
  const found = await room.rows();
  if ('problem' in found) return found;
  const all = found.table;
  const { signature } = room.version;
  const table = selectRows(all, spreadRows(all.rowCount, spec.rows ?? ROWS));
  const asked = inputRows(table, room.version);
  const before = await room.ask(asked);
  const usable = Int32Array.from(before.keys()).filter((row) => before[row]?.kind === 'answered');
  if (usable.length === 0) return { problem: 'the deployment in test answers none of the rows as they are' };
  const kept = Array.from(usable, (row) => asked[row] ?? {});
  const judge = createJudge(
    selectRows(table, usable),
    signature,
    Array.from(usable, (row) => before[row] as Answer),
  );
  const disturbed: Disturbed[] = [];
  for (const kind of KINDS) {
    if (spec[kind] === undefined) continue;
    const rng = createRng(spec.seed ?? 0).fork(kind);
    const rows = disturbRows(kept, signature, { kind, share: spec.noise?.share ?? 0, rng });
    disturbed.push({ kind, ...judge(rows === null ? [] : await room.ask(rows), rng) });
  }
  return { rows: usable.length, disturbed };
}

type Judge = (after: readonly Answer[], rng: ReturnType<typeof createRng>) => Omit<Disturbed, 'kind'>;

/** Compares disturbed answers with the undisturbed ones and with the truth. */
function createJudge(table: Table, signature: ModelSignature, before: readonly Answer[]): Judge {
  const numbers = signature.task === 'regression';
  const truth = numbers ? numbersOf(table, signature) : truthOf(table, signature).codes;
  const lossOf = (answer: Answer, row: number): number => {
    if (answer.kind !== 'answered') return Number.NaN;
    if (numbers) return Math.abs((answer.value ?? Number.NaN) - (truth[row] as number));
    return Number(answer.label !== signature.labels[truth[row] as number]);
  };
  const values = before.map((answer) => (answer.kind === 'answered' ? (answer.value ?? Number.NaN) : Number.NaN));
  const least = numbers ? MOVED * standardDeviation(values) : 0;
  const hasChanged = (was: Answer, now: Answer): boolean => {
    if (was.kind !== 'answered' || now.kind !== 'answered') return false;
    return numbers ? Math.abs((now.value ?? Number.NaN) - (was.value ?? Number.NaN)) > least : now.label !== was.label;
  };
  return (after, rng) => {
    const of = (kind: Answer['kind']) => after.filter((answer) => answer.kind === kind);
    const both = [...after.keys()].filter((row) => after[row]?.kind === 'answered');
    const undisturbed = Float64Array.from(both, (row) => lossOf(before[row] as Answer, row));
    const disturbed = Float64Array.from(both, (row) => lossOf(after[row] as Answer, row));
    return {
      answered: both.length,
      refused: of('refused').length,
      failed: of('failed').length,
      failures: [...new Set(of('failed').map((answer) => ('code' in answer ? answer.code : '')))].slice(0, 5),
      changed: both.filter((row) => hasChanged(before[row] as Answer, after[row] as Answer)).length,
      loss: both.length < 2 ? null : growthOf([undisturbed, disturbed], { numbers, rng }),
    };
  };
}

function growthOf(
  losses: readonly [Float64Array, Float64Array],
  { numbers, rng }: { numbers: boolean; rng: ReturnType<typeof createRng> },
): Interval {
  const { estimate, lower, upper, confidence } = bootstrapMeans(
    losses,
    ([was = 0, is = 0]) => (numbers && was > 0 ? is / was - 1 : is - was),
    { rng, resamples: RESAMPLES },
  );
  return { estimate, lower, upper, confidence };
}
