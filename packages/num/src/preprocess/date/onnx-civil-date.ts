import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import type { DatePart } from '../preprocess-spec.js';

const DAY_MS = 86_400_000;

/** The arithmetic of civil-date.ts in int64: Float32 steps by two minutes at the present. */
export class OnnxCivilDate {
  readonly #graph: OnnxGraph;
  readonly #days: string;
  readonly #ofDay: string;

  /** @param epochMs int64 [N, 1] without missing values. */
  constructor(graph: OnnxGraph, epochMs: string) {
    this.#graph = graph;
    this.#ofDay = this.#op('Mod', epochMs, DAY_MS);
    this.#days = this.#op('Div', this.#op('Sub', epochMs, this.#ofDay), DAY_MS);
  }

  /** Name of the int64 [N, 1] of a part. */
  part(part: DatePart): string {
    switch (part) {
      case 'hour':
        return this.#op('Div', this.#ofDay, 3_600_000);
      case 'minute':
        return this.#op('Mod', this.#op('Div', this.#ofDay, 60_000), 60);
      case 'weekday':
        return this.#weekday();
      case 'is-weekend':
        return this.#op('Div', this.#weekday(), 5);
      case 'week': {
        const thursday = this.#op('Add', this.#op('Sub', this.#days, this.#weekday()), 3);
        const from = this.#op('Sub', thursday, this.#newYear(this.#civil(thursday).year));
        return this.#op('Add', this.#op('Div', from, 7), 1);
      }
      case 'day-of-year':
        return this.#op('Add', this.#op('Sub', this.#days, this.#newYear(this.#civil(this.#days).year)), 1);
      default:
        return this.#civil(this.#days)[part];
    }
  }

  #op(op: 'Add' | 'Sub' | 'Mul' | 'Div' | 'Mod', a: string, b: string | number): string {
    const right = typeof b === 'string' ? b : this.#graph.constant(BigInt64Array.of(BigInt(b)), [1, 1]);
    return this.#graph.node({ op, inputs: [a, right] });
  }

  /** Div truncates; Mod has the sign of the divisor. */
  #floorDiv(a: string, b: number): string {
    return this.#op('Div', this.#op('Sub', a, this.#op('Mod', a, b)), b);
  }

  #weekday(): string {
    return this.#op('Mod', this.#op('Add', this.#days, 3), 7);
  }

  #civil(days: string): { year: string; month: string; day: string } {
    const z = this.#op('Add', days, 719_468);
    const era = this.#floorDiv(z, 146_097);
    const dayOfEra = this.#op('Mod', z, 146_097);
    const shift = (divisor: number) => this.#op('Div', dayOfEra, divisor);
    const leapless = this.#op(
      'Sub',
      this.#op('Add', this.#op('Sub', dayOfEra, shift(1460)), shift(36_524)),
      shift(146_096),
    );
    const yearOfEra = this.#op('Div', leapless, 365);
    const ofYears = this.#op(
      'Sub',
      this.#op('Add', this.#op('Mul', yearOfEra, 365), this.#op('Div', yearOfEra, 4)),
      this.#op('Div', yearOfEra, 100),
    );
    const fromMarch = this.#op('Sub', dayOfEra, ofYears);
    const shifted = this.#op('Div', this.#op('Add', this.#op('Mul', fromMarch, 5), 2), 153);
    const ofMonths = this.#op('Div', this.#op('Add', this.#op('Mul', shifted, 153), 2), 5);
    const day = this.#op('Add', this.#op('Sub', fromMarch, ofMonths), 1);
    // March is month 0 of this calendar: 10 and 11 are January and February of the next year.
    const nextYear = this.#op('Div', shifted, 10);
    const month = this.#op('Sub', this.#op('Add', shifted, 3), this.#op('Mul', nextYear, 12));
    const year = this.#op('Add', this.#op('Add', yearOfEra, this.#op('Mul', era, 400)), nextYear);
    return { year, month, day };
  }

  #newYear(year: string): string {
    const before = this.#op('Sub', year, 1);
    const leaps = this.#op(
      'Add',
      this.#op('Sub', this.#floorDiv(before, 4), this.#floorDiv(before, 100)),
      this.#floorDiv(before, 400),
    );
    return this.#op('Sub', this.#op('Add', this.#op('Mul', before, 365), leaps), 719_162);
  }
}

/** Missing cells as bool [N, 1], and the times with 0 in their place. */
export function writeTimes(graph: OnnxGraph, input: string): { missing: string; times: string } {
  const sentinel = graph.constant(BigInt64Array.of(MISSING_TIME), [1, 1]);
  const missing = graph.node({ op: 'Equal', inputs: [input, sentinel] });
  const zero = graph.constant(BigInt64Array.of(0n), [1, 1]);
  return { missing, times: graph.node({ op: 'Where', inputs: [missing, zero, input] }) };
}

/** What a packaged model takes for a missing time: the int64 that no time is. */
export const MISSING_TIME = -(2n ** 63n);
