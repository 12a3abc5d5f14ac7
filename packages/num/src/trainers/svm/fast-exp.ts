/** 1.5 · 2^52: added and subtracted it rounds to an integer. */
const ROUNDER = 6755399441055744;
const DEEPEST = -110;
const PER_LN2 = Math.LOG2E;

/** exp(r) for |r| ≤ ln 2 / 2 to 2e-12: through the Chebyshev nodes, the highest power first. */
const SERIES = [
  2.487616403756168e-5, 0.00019915866941726544, 0.0013888821677603455, 0.008333266097922691, 0.04166666689095713,
  0.16666666891045911, 0.49999999999797934, 0.9999999999797852, 1,
] as const;

/** What wasm/svm.ts reads, in its order; the fifth place holds the bits of 1, which are an integer there. */
export const EXP_TABLE: readonly number[] = [PER_LN2, ROUNDER, Math.LN2, DEEPEST, 1, ...SERIES];

const [c8, c7, c6, c5, c4, c3, c2, c1, c0] = SERIES;

/** 2^−n for n in 0..159, exact. */
const powers = Float64Array.from({ length: 160 }, (_, n) => 2 ** -n);

/**
 * exp(x) for x ≤ 0 with a relative error below 2e-12: a power of two times a polynomial, step for step as in wasm/svm.ts.
 * From −110 down it is 0, which a Float32 kernel value cannot tell apart.
 */
export function expNegative(x: number): number {
  if (!(x > DEEPEST)) return 0;
  const n = x * PER_LN2 + ROUNDER - ROUNDER;
  const r = x - n * Math.LN2;
  const series = (((((((c8 * r + c7) * r + c6) * r + c5) * r + c4) * r + c3) * r + c2) * r + c1) * r + c0;
  return powers[-n | 0] * series;
}
