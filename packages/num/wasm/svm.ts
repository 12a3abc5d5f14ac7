// Kernels of the support vector machines. AssemblyScript: addresses are byte offsets into the memory of a fit; arrays that
// hold rows have room for whole eights. Every function has a twin in src/trainers/svm/plain-loops.ts
// with the same bits: lanes hold different rows, never parts of one sum, and ties go to the last row in both.

/** Put in place where they are called: as functions they would cost more than what they do. */
class Lanes {
  /** What exp is computed with stands in memory (src/trainers/svm/fast-exp.ts), as the engine makes a constant anew at every use. */
  @inline
  static constant(table: usize, index: usize): v128 {
    return v128.load64_splat(table + (index << 3));
  }

  /** −γ(‖a‖² + ‖b‖² − 2⟨a, b⟩), not above 0. */
  @inline
  static exponent(dot: v128, square: v128, squares: v128, minusGamma: v128): v128 {
    const apart = f64x2.sub(f64x2.add(square, squares), f64x2.add(dot, dot));
    return f64x2.pmin(f64x2.mul(minusGamma, apart), f64x2.splat(0));
  }

  /** The exponent on the grid of ln 2: an integer in the lowest bits. */
  @inline
  static shift(x: v128, table: usize): v128 {
    return f64x2.add(f64x2.mul(x, Lanes.constant(table, 0)), Lanes.constant(table, 1));
  }

  @inline
  static rest(x: v128, shifted: v128, table: usize): v128 {
    return f64x2.sub(x, f64x2.mul(f64x2.sub(shifted, Lanes.constant(table, 1)), Lanes.constant(table, 2)));
  }

  /** The integer goes into the exponent of 1; below the deepest exponent the value is 0. */
  @inline
  static scale(x: v128, shifted: v128, series: v128, table: usize): v128 {
    const power = i64x2.add(i64x2.shl(shifted, 52), Lanes.constant(table, 4));
    return v128.and(f64x2.mul(power, series), f64x2.gt(x, Lanes.constant(table, 3)));
  }

  @inline
  static storeFour<T extends number>(out: usize, first: v128, second: v128): void {
    if (sizeof<T>() === 4) {
      const low = f32x4.demote_f64x2_zero(first);
      const high = f32x4.demote_f64x2_zero(second);
      v128.store(out, v128.shuffle<f32>(low, high, 0, 1, 4, 5));
    } else {
      v128.store(out, first);
      v128.store(out, second, 16);
    }
  }

  /** Kernel of `own` with columns[from & ~7, to), whole eights; `gamma` below 0 asks for the dots alone. */
  @inline
  static fillRows<T extends number>(
    columns: usize,
    stride: usize,
    width: usize,
    own: usize,
    out: usize,
    from: usize,
    to: usize,
    squares: usize,
    square: f64,
    gamma: f64,
    table: usize,
  ): void {
    for (let i: usize = from & ~7; i < to; i += 8) {
      let a = f64x2.splat(0);
      let b = f64x2.splat(0);
      let c = f64x2.splat(0);
      let d = f64x2.splat(0);
      let at = columns + (i << 3);
      for (let f: usize = 0; f < width; f++) {
        const value = v128.load64_splat(own + (f << 3));
        a = f64x2.add(a, f64x2.mul(value, v128.load(at)));
        b = f64x2.add(b, f64x2.mul(value, v128.load(at, 16)));
        c = f64x2.add(c, f64x2.mul(value, v128.load(at, 32)));
        d = f64x2.add(d, f64x2.mul(value, v128.load(at, 48)));
        at += stride;
      }
      if (gamma >= 0) {
        const norms = squares + (i << 3);
        const wideSquare = f64x2.splat(square);
        const minusGamma = f64x2.splat(-gamma);
        a = Lanes.exponent(a, wideSquare, v128.load(norms), minusGamma);
        b = Lanes.exponent(b, wideSquare, v128.load(norms, 16), minusGamma);
        c = Lanes.exponent(c, wideSquare, v128.load(norms, 32), minusGamma);
        d = Lanes.exponent(d, wideSquare, v128.load(norms, 48), minusGamma);
        const shiftA = Lanes.shift(a, table);
        const shiftB = Lanes.shift(b, table);
        const shiftC = Lanes.shift(c, table);
        const shiftD = Lanes.shift(d, table);
        const restA = Lanes.rest(a, shiftA, table);
        const restB = Lanes.rest(b, shiftB, table);
        const restC = Lanes.rest(c, shiftC, table);
        const restD = Lanes.rest(d, shiftD, table);
        let sumA = Lanes.constant(table, 5);
        let sumB = sumA;
        let sumC = sumA;
        let sumD = sumA;
        for (let k: usize = 6; k < 14; k++) {
          const term = Lanes.constant(table, k);
          sumA = f64x2.add(f64x2.mul(sumA, restA), term);
          sumB = f64x2.add(f64x2.mul(sumB, restB), term);
          sumC = f64x2.add(f64x2.mul(sumC, restC), term);
          sumD = f64x2.add(f64x2.mul(sumD, restD), term);
        }
        a = Lanes.scale(a, shiftA, sumA, table);
        b = Lanes.scale(b, shiftB, sumB, table);
        c = Lanes.scale(c, shiftC, sumC, table);
        d = Lanes.scale(d, shiftD, sumD, table);
      }
      Lanes.storeFour<T>(out + i * sizeof<T>(), a, b);
      Lanes.storeFour<T>(out + (i + 4) * sizeof<T>(), c, d);
    }
  }
}

/** Rows of the cache: Float32. */
export function fillSingle(
  columns: usize,
  stride: usize,
  width: usize,
  own: usize,
  out: usize,
  from: usize,
  to: usize,
  squares: usize,
  square: f64,
  gamma: f64,
  table: usize,
): void {
  Lanes.fillRows<f32>(columns, stride, width, own, out, from, to, squares, square, gamma, table);
}

/** Rows of a prediction: Float64. */
export function fillDouble(
  columns: usize,
  stride: usize,
  width: usize,
  own: usize,
  out: usize,
  from: usize,
  to: usize,
  squares: usize,
  square: f64,
  gamma: f64,
  table: usize,
): void {
  Lanes.fillRows<f64>(columns, stride, width, own, out, from, to, squares, square, gamma, table);
}

/** sums[i] += factor · values[i], Float64; whole pairs. */
export function addScaled(sums: usize, values: usize, factor: f64, to: usize): void {
  const wide = f64x2.splat(factor);
  for (let i: usize = 0; i < to; i += 2) {
    const at = sums + (i << 3);
    v128.store(at, f64x2.add(v128.load(at), f64x2.mul(wide, v128.load(values + (i << 3)))));
  }
}

/** sums[i] += factor · row[i], row in Float32, for i in [from, to). */
export function addRow(sums: usize, row: usize, factor: f64, from: usize, to: usize): void {
  const wide = f64x2.splat(factor);
  let i = from;
  for (; i + 2 <= to; i += 2) {
    const at = sums + (i << 3);
    const values = f64x2.promote_low_f32x4(v128.load64_zero(row + (i << 2)));
    v128.store(at, f64x2.add(v128.load(at), f64x2.mul(wide, values)));
  }
  if (i < to) {
    const at = sums + (i << 3);
    store<f64>(at, load<f64>(at) + factor * <f64>load<f32>(row + (i << 2)));
  }
}

class Scalar {
  /** What variable `t` gains as the second of the pair; nothing where it may not fall far enough. */
  @inline
  static gain(low: usize, diagonal: usize, row: usize, t: i32, best: f64, own: f64, tau: f64): f64 {
    const at = <usize>t;
    const apart = best + load<f64>(low + (at << 3));
    if (!(apart > 0)) return NaN;
    let bend = own + load<f64>(diagonal + (at << 3)) - 2 * <f64>load<f32>(row + (at << 2));
    if (!(bend > 0)) bend = tau;
    return (apart * apart) / bend;
  }
}

/** A little less than 1: what it makes smaller is smaller even after rounding. */
const SLACK: f64 = 0.999999999999999;

/**
 * The second variable of the pair, or −1: among those with low > −best the last with the largest
 * (best + low)² / (own + diagonal − 2·row). The largest `low` goes to `result`. Rows are divided only when a product shows
 * that they may be the best so far, which few are.
 */
export function secondOfPair(
  low: usize,
  diagonal: usize,
  row: usize,
  active: i32,
  best: f64,
  own: f64,
  tau: f64,
  result: usize,
): i32 {
  const wideBest = f64x2.splat(best);
  const wideOwn = f64x2.splat(own);
  const wideTau = f64x2.splat(tau);
  const zero = f64x2.splat(0);
  let worstA = f64x2.splat(-Infinity);
  let worstB = worstA;
  let bound = worstA;
  let gain = -Infinity;
  let found = -1;
  const whole = active & ~3;
  for (let t = 0; t < whole; t += 4) {
    const at = <usize>t;
    const valueA = v128.load(low + (at << 3));
    const valueB = v128.load(low + (at << 3), 16);
    worstA = f64x2.pmax(worstA, valueA);
    worstB = f64x2.pmax(worstB, valueB);
    const apartA = f64x2.add(wideBest, valueA);
    const apartB = f64x2.add(wideBest, valueB);
    const rows = v128.load(row + (at << 2));
    const innerA = f64x2.promote_low_f32x4(rows);
    const innerB = f64x2.promote_low_f32x4(v128.shuffle<f32>(rows, rows, 2, 3, 2, 3));
    const sumA = f64x2.add(wideOwn, v128.load(diagonal + (at << 3)));
    const sumB = f64x2.add(wideOwn, v128.load(diagonal + (at << 3), 16));
    let bendA = f64x2.sub(sumA, f64x2.add(innerA, innerA));
    let bendB = f64x2.sub(sumB, f64x2.add(innerB, innerB));
    bendA = v128.bitselect(bendA, wideTau, f64x2.gt(bendA, zero));
    bendB = v128.bitselect(bendB, wideTau, f64x2.gt(bendB, zero));
    const takeA = v128.and(f64x2.ge(f64x2.mul(apartA, apartA), f64x2.mul(bound, bendA)), f64x2.gt(apartA, zero));
    const takeB = v128.and(f64x2.ge(f64x2.mul(apartB, apartB), f64x2.mul(bound, bendB)), f64x2.gt(apartB, zero));
    if (!v128.any_true(v128.or(takeA, takeB))) continue;
    for (let lane = t; lane < t + 4; lane++) {
      const got = Scalar.gain(low, diagonal, row, lane, best, own, tau);
      if (got >= gain) {
        gain = got;
        found = lane;
      }
    }
    bound = f64x2.splat(gain * SLACK);
  }
  worstA = f64x2.pmax(worstA, worstB);
  let worst = max(f64x2.extract_lane(worstA, 0), f64x2.extract_lane(worstA, 1));
  for (let t = whole; t < active; t++) {
    worst = max(worst, load<f64>(low + ((<usize>t) << 3)));
    const got = Scalar.gain(low, diagonal, row, t, best, own, tau);
    if (got >= gain) {
      gain = got;
      found = t;
    }
  }
  store<f64>(result, worst);
  return found;
}

/**
 * low and up += first·moveFirst + second·moveSecond. Returns the last place of the smallest `up`, which goes to
 * `result`; −1 when all are infinite.
 */
export function movePair(
  low: usize,
  up: usize,
  first: usize,
  second: usize,
  active: i32,
  moveFirst: f64,
  moveSecond: f64,
  result: usize,
): i32 {
  const wideFirst = f64x2.splat(moveFirst);
  const wideSecond = f64x2.splat(moveSecond);
  let least = Infinity;
  let wideLeast = f64x2.splat(least);
  let found = -1;
  const whole = active & ~3;
  for (let t = 0; t < whole; t += 4) {
    const at = <usize>t;
    const rowA = v128.load(first + (at << 2));
    const rowB = v128.load(second + (at << 2));
    const moveA = f64x2.add(
      f64x2.mul(f64x2.promote_low_f32x4(rowA), wideFirst),
      f64x2.mul(f64x2.promote_low_f32x4(rowB), wideSecond),
    );
    const moveB = f64x2.add(
      f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<f32>(rowA, rowA, 2, 3, 2, 3)), wideFirst),
      f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<f32>(rowB, rowB, 2, 3, 2, 3)), wideSecond),
    );
    const lowAt = low + (at << 3);
    const upAt = up + (at << 3);
    v128.store(lowAt, f64x2.add(v128.load(lowAt), moveA));
    v128.store(lowAt, f64x2.add(v128.load(lowAt, 16), moveB), 16);
    const upA = f64x2.add(v128.load(upAt), moveA);
    const upB = f64x2.add(v128.load(upAt, 16), moveB);
    v128.store(upAt, upA);
    v128.store(upAt, upB, 16);
    if (!v128.any_true(v128.or(f64x2.le(upA, wideLeast), f64x2.le(upB, wideLeast)))) continue;
    for (let lane = t; lane < t + 4; lane++) {
      const value = load<f64>(up + ((<usize>lane) << 3));
      if (value <= least) {
        least = value;
        found = lane;
      }
    }
    wideLeast = f64x2.splat(least);
  }
  for (let t = whole; t < active; t++) {
    const at = <usize>t;
    const change = <f64>load<f32>(first + (at << 2)) * moveFirst + <f64>load<f32>(second + (at << 2)) * moveSecond;
    store<f64>(low + (at << 3), load<f64>(low + (at << 3)) + change);
    const value = load<f64>(up + (at << 3)) + change;
    store<f64>(up + (at << 3), value);
    if (value <= least) {
      least = value;
      found = t;
    }
  }
  store<f64>(result, least);
  return least === Infinity ? -1 : found;
}
