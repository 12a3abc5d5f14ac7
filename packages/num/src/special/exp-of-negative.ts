/** ln 2 in two parts: a multiple of the first, up to 2¹¹ of them, has no rounding error (Cody & Waite 1980). */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Adding and taking this away rounds to a whole number, half to even. */
const ROUNDER = 6755399441055744;
/** Below, the result would be subnormal. */
const LEAST = -708;

/** 2⁻ⁱ, exact. */
const POWERS = new Float64Array(1023);
for (let i = 0, power = 1; i < POWERS.length; i++, power /= 2) POWERS[i] = power;

/**
 * eˣ for x ≤ 0, within one unit in the last place of the true value; e⁻⁷⁰⁸ for anything below −708. Not Math.exp, whose
 * last digits are the engine's own: the same steps, two numbers at a time, stand in packages/num/wasm/boosting.ts.
 */
export function expOfNegative(given: number): number {
  const x = Math.max(given, LEAST);
  const k = x * Math.LOG2E + ROUNDER - ROUNDER;
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  // Taylor's series to r¹³/13!: |r| ≤ ln 2 / 2, so the rest is below 1e-17. Even and odd powers do not wait for each other.
  const square = r * r;
  let even = 2.08767569878681e-9;
  even = even * square + 2.755731922398589e-7;
  even = even * square + 2.48015873015873e-5;
  even = even * square + 1.388888888888889e-3;
  even = even * square + 4.1666666666666664e-2;
  even = even * square + 0.5;
  even = even * square + 1;
  let odd = 1.6059043836821613e-10;
  odd = odd * square + 2.505210838544172e-8;
  odd = odd * square + 2.7557319223985893e-6;
  odd = odd * square + 1.984126984126984e-4;
  odd = odd * square + 8.333333333333333e-3;
  odd = odd * square + 0.16666666666666666;
  odd = odd * square + 1;
  return (even + odd * r) * POWERS[-k];
}
