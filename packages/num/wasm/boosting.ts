// Kernels of gradient boosting. AssemblyScript: addresses are byte offsets into the memory that all threads of a fit share.
// A gradient and its hessian are one vector, so each sum runs over the rows in their order, as in the TypeScript twins
// (src/trainers/boosting): both give the same bits.

/** Bytes of the sums, and of the counts, of one feature: 256 bins. */
const SUMS: u32 = 4096;
const COUNTS: u32 = 1024;

/** What is added to a row's bins: sums alone; sums, and a count apart; whole numbers, the count above the hessian. */
const SUMS_ALONE: u32 = 0;
const WITH_COUNTS: u32 = 1;
const WHOLE: u32 = 2;

/** Bit of a whole hessian's sum where the count of rows begins, and how many rows then fit. */
const COUNT_BIT: i64 = 49;
const WHOLE_ROWS: u32 = 32_768;

/** What the compiler puts where it is called; the linter knows decorators of methods only. */
class Inlined {
  @inline
  static addPair(sums: usize, word: u64, pair: v128): void {
    const cell = sums + ((<usize>word & 255) << 4);
    v128.store(cell, f64x2.add(v128.load(cell), pair));
  }

  @inline
  static addWhole(sums: usize, word: u64, pair: v128): void {
    const cell = sums + ((<usize>word & 255) << 4);
    v128.store(cell, i64x2.add(v128.load(cell), pair));
  }

  @inline
  static addOne(counts: usize, word: u64): void {
    const cell = counts + ((<usize>word & 255) << 2);
    store<u32>(cell, load<u32>(cell) + 1);
  }

  // `width` and `kind` are constants at each call, so the compiler leaves no condition in the loop.
  @inline
  static countRows(
    width: u32,
    kind: u32,
    wordAt: usize,
    pairAt: usize,
    stride: usize,
    end: usize,
    shift: u64,
    magic: v128,
    sums: usize,
    counts: usize,
  ): void {
    const zero = i64x2.sub(magic, i64x2(0, (<i64>1) << COUNT_BIT));
    for (; wordAt < end; wordAt += stride) {
      const word = load<u64>(wordAt) >> shift;
      const pair = f64x2.promote_low_f32x4(v128.load64_zero(pairAt));
      pairAt += stride;
      if (kind === WHOLE) {
        const whole = i64x2.sub(f64x2.add(pair, magic), zero);
        Inlined.addWhole(sums, word, whole);
        if (width > 1) Inlined.addWhole(sums + SUMS, word >> 8, whole);
        if (width > 2) Inlined.addWhole(sums + 2 * SUMS, word >> 16, whole);
        if (width > 3) Inlined.addWhole(sums + 3 * SUMS, word >> 24, whole);
        if (width > 4) Inlined.addWhole(sums + 4 * SUMS, word >> 32, whole);
        if (width > 5) Inlined.addWhole(sums + 5 * SUMS, word >> 40, whole);
        if (width > 6) Inlined.addWhole(sums + 6 * SUMS, word >> 48, whole);
        if (width > 7) Inlined.addWhole(sums + 7 * SUMS, word >> 56, whole);
        continue;
      }
      Inlined.addPair(sums, word, pair);
      if (width > 1) Inlined.addPair(sums + SUMS, word >> 8, pair);
      if (width > 2) Inlined.addPair(sums + 2 * SUMS, word >> 16, pair);
      if (width > 3) Inlined.addPair(sums + 3 * SUMS, word >> 24, pair);
      if (width > 4) Inlined.addPair(sums + 4 * SUMS, word >> 32, pair);
      if (width > 5) Inlined.addPair(sums + 5 * SUMS, word >> 40, pair);
      if (width > 6) Inlined.addPair(sums + 6 * SUMS, word >> 48, pair);
      if (width > 7) Inlined.addPair(sums + 7 * SUMS, word >> 56, pair);
      if (kind === SUMS_ALONE) continue;
      Inlined.addOne(counts, word);
      if (width > 1) Inlined.addOne(counts + COUNTS, word >> 8);
      if (width > 2) Inlined.addOne(counts + 2 * COUNTS, word >> 16);
      if (width > 3) Inlined.addOne(counts + 3 * COUNTS, word >> 24);
      if (width > 4) Inlined.addOne(counts + 4 * COUNTS, word >> 32);
      if (width > 5) Inlined.addOne(counts + 5 * COUNTS, word >> 40);
      if (width > 6) Inlined.addOne(counts + 6 * COUNTS, word >> 48);
      if (width > 7) Inlined.addOne(counts + 7 * COUNTS, word >> 56);
    }
  }

  /** e to the power of each x ≤ 0, as expOfNegative in src/special/exp-of-negative.ts. */
  @inline
  static expOfNegative(given: v128): v128 {
    const x = f64x2.max(given, f64x2.splat(-708));
    const magic = f64x2.splat(6755399441055744);
    const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(Math.LOG2E)), magic);
    const k = f64x2.sub(shifted, magic);
    const r = f64x2.sub(
      f64x2.sub(x, f64x2.mul(k, f64x2.splat(0.6931471803691238))),
      f64x2.mul(k, f64x2.splat(1.9082149292705877e-10)),
    );
    const square = f64x2.mul(r, r);
    let even = f64x2.splat(2.08767569878681e-9);
    even = f64x2.add(f64x2.mul(even, square), f64x2.splat(2.755731922398589e-7));
    even = f64x2.add(f64x2.mul(even, square), f64x2.splat(2.48015873015873e-5));
    even = f64x2.add(f64x2.mul(even, square), f64x2.splat(1.388888888888889e-3));
    even = f64x2.add(f64x2.mul(even, square), f64x2.splat(4.1666666666666664e-2));
    even = f64x2.add(f64x2.mul(even, square), f64x2.splat(0.5));
    even = f64x2.add(f64x2.mul(even, square), f64x2.splat(1));
    let odd = f64x2.splat(1.6059043836821613e-10);
    odd = f64x2.add(f64x2.mul(odd, square), f64x2.splat(2.505210838544172e-8));
    odd = f64x2.add(f64x2.mul(odd, square), f64x2.splat(2.7557319223985893e-6));
    odd = f64x2.add(f64x2.mul(odd, square), f64x2.splat(1.984126984126984e-4));
    odd = f64x2.add(f64x2.mul(odd, square), f64x2.splat(8.333333333333333e-3));
    odd = f64x2.add(f64x2.mul(odd, square), f64x2.splat(0.16666666666666666));
    odd = f64x2.add(f64x2.mul(odd, square), f64x2.splat(1));
    const power = i64x2.shl(i64x2.add(shifted, i64x2.splat(1023)), 52);
    return f64x2.mul(f64x2.add(even, f64x2.mul(odd, r)), power);
  }
}

function countRows(
  kind: u32,
  width: u32,
  wordAt: usize,
  pairAt: usize,
  stride: usize,
  end: usize,
  shift: u64,
  magic: v128,
  sums: usize,
  counts: usize,
): void {
  if (kind === SUMS_ALONE) {
    if (width === 1) Inlined.countRows(1, SUMS_ALONE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 2) Inlined.countRows(2, SUMS_ALONE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 3) Inlined.countRows(3, SUMS_ALONE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 4) Inlined.countRows(4, SUMS_ALONE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 5) Inlined.countRows(5, SUMS_ALONE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 6) Inlined.countRows(6, SUMS_ALONE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 7) Inlined.countRows(7, SUMS_ALONE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else Inlined.countRows(8, SUMS_ALONE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
  } else if (kind === WITH_COUNTS) {
    if (width === 1) Inlined.countRows(1, WITH_COUNTS, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 2) Inlined.countRows(2, WITH_COUNTS, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 3) Inlined.countRows(3, WITH_COUNTS, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 4) Inlined.countRows(4, WITH_COUNTS, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 5) Inlined.countRows(5, WITH_COUNTS, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 6) Inlined.countRows(6, WITH_COUNTS, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 7) Inlined.countRows(7, WITH_COUNTS, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else Inlined.countRows(8, WITH_COUNTS, wordAt, pairAt, stride, end, shift, magic, sums, counts);
  } else {
    if (width === 1) Inlined.countRows(1, WHOLE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 2) Inlined.countRows(2, WHOLE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 3) Inlined.countRows(3, WHOLE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 4) Inlined.countRows(4, WHOLE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 5) Inlined.countRows(5, WHOLE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 6) Inlined.countRows(6, WHOLE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else if (width === 7) Inlined.countRows(7, WHOLE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
    else Inlined.countRows(8, WHOLE, wordAt, pairAt, stride, end, shift, magic, sums, counts);
  }
}

/** Adds whole sums, in multiples of `quantum`, and counts of `cells` bins to those of the slot, and clears them. */
function addWholes(wholes: usize, sums: usize, counts: usize, cells: u32, quantum: f64): void {
  for (let i: usize = 0; i < cells; i++) {
    const cell = wholes + (i << 4);
    const packed = load<i64>(cell, 8);
    if (packed === 0) continue;
    const gradient = <f64>load<i64>(cell) * quantum;
    const hessian = <f64>(packed & (((<i64>1) << COUNT_BIT) - 1)) * quantum;
    const to = sums + (i << 4);
    store<f64>(to, load<f64>(to) + gradient);
    store<f64>(to, load<f64>(to, 8) + hessian, 8);
    const count = counts + (i << 2);
    store<u32>(count, load<u32>(count) + <u32>(packed >>> COUNT_BIT));
    v128.store(cell, i64x2.splat(0));
  }
}

/**
 * Histograms of `width` neighbouring features over the rows order[0, many), which are `first`, first + 1 … unless that is
 * negative: `words` holds eight bins of each row, the first wanted one in bits `shift`; `pairs` the Float32 gradients and
 * hessians. Adds to `sums` and, unless 0, to `counts`.
 *
 * 256 rows at a time are gathered into 4 KiB first: many loads can then wait for memory together. Counting each row where
 * it is found takes three to five times as long in a node that has every sixteenth row.
 *
 * When gradients are multiples of a `quantum` (else 0), they are added as whole numbers to the zeroed `wholes`, hessian and
 * count of rows in one: half the additions. Their sums have no rounding, so they are those of any other order.
 */
export function countBins(
  order: usize,
  many: u32,
  first: i32,
  words: usize,
  shift: u32,
  width: u32,
  pairs: usize,
  sums: usize,
  counts: usize,
  gathered: usize,
  wholes: usize,
  quantum: f64,
): void {
  const kind = counts === 0 ? SUMS_ALONE : quantum === 0 ? WITH_COUNTS : WHOLE;
  // The number whose last digit is worth a quantum: what is added to it stands in its low bits as a whole number.
  const magic = f64x2.splat(6755399441055744 * quantum);
  const to = kind === WHOLE ? wholes : sums;
  const most = kind === WHOLE ? WHOLE_ROWS : many;
  for (let start: u32 = 0; start < many; start += most) {
    const rows = min(most, many - start);
    if (first >= 0) {
      const row = (<usize>(<u32>first + start)) << 3;
      const end = words + row + ((<usize>rows) << 3);
      countRows(kind, width, words + row, pairs + row, 8, end, <u64>shift, magic, to, counts);
    } else {
      const end = order + ((<usize>(start + rows)) << 2);
      for (let at = order + ((<usize>start) << 2); at < end; ) {
        const stop = min(at + 1024, end);
        let place = gathered;
        for (; at < stop; at += 4) {
          const row = (<usize>load<u32>(at)) << 3;
          store<u64>(place, load<u64>(words + row));
          store<u64>(place, load<u64>(pairs + row), 8);
          place += 16;
        }
        countRows(kind, width, gathered, gathered + 8, 16, place, <u64>shift, magic, to, counts);
      }
    }
    if (kind === WHOLE) addWholes(wholes, sums, counts, width << 8, quantum);
  }
}

/** order[i] = i, i in [from, to). */
export function numberRows(order: usize, from: u32, to: u32): void {
  for (let i = from; i < to; i++) store<u32>(order + ((<usize>i) << 2), i);
}

/**
 * Rows from[first, last) into `to`: those whose bin in `column` is marked in `goesLeft` from place `left` on, the others
 * from `right` on, all in their order. Answers the place after the last that went left.
 */
export function partForward(
  from: usize,
  to: usize,
  column: usize,
  goesLeft: usize,
  first: u32,
  last: u32,
  left: u32,
  right: u32,
): u32 {
  const end = from + ((<usize>last) << 2);
  for (let at = from + ((<usize>first) << 2); at < end; at += 4) {
    const row = load<u32>(at);
    const goes = <u32>load<u8>(goesLeft + <usize>load<u8>(column + row));
    store<u32>(to + ((<usize>select<u32>(left, right, goes !== 0)) << 2), row);
    left += goes;
    right += 1 - goes;
  }
  return left;
}

/** As partForward from the last row to the first; `left` and `right` are one above the places. Answers the lowest left. */
export function partBackward(
  from: usize,
  to: usize,
  column: usize,
  goesLeft: usize,
  first: u32,
  last: u32,
  left: u32,
  right: u32,
): u32 {
  const end = from + ((<usize>first) << 2);
  for (let at = from + ((<usize>last) << 2); at > end; ) {
    at -= 4;
    const row = load<u32>(at);
    const goes = <u32>load<u8>(goesLeft + <usize>load<u8>(column + row));
    left -= goes;
    right -= 1 - goes;
    store<u32>(to + ((<usize>select<u32>(left, right, goes !== 0)) << 2), row);
  }
  return left;
}

/** How many of the rows from[first, last) go left. */
export function countLeft(from: usize, column: usize, goesLeft: usize, first: u32, last: u32): u32 {
  let many: u32 = 0;
  const end = from + ((<usize>last) << 2);
  for (let at = from + ((<usize>first) << 2); at < end; at += 4) {
    many += <u32>load<u8>(goesLeft + <usize>load<u8>(column + load<u32>(at)));
  }
  return many;
}

/** raw[order[i]] += value, i in [from, to). */
export function addToRows(raw: usize, order: usize, from: u32, to: u32, value: f64): void {
  const end = order + ((<usize>to) << 2);
  for (let at = order + ((<usize>from) << 2); at < end; at += 4) {
    const cell = raw + ((<usize>load<u32>(at)) << 3);
    store<f64>(cell, load<f64>(cell) + value);
  }
}

/**
 * Gradients and hessians of the logistic loss of rows [from, to), from even, two at a time (arrays end on 16 bytes): Float32
 * pairs, multiples of `quantum` unless that is 0, from Float64 answers, targets and, unless 0, weights.
 */
export function logisticGradients(
  raw: usize,
  target: usize,
  weights: usize,
  pairs: usize,
  from: u32,
  to: u32,
  quantum: f64,
): void {
  const magic = f64x2.splat(6755399441055744 * quantum);
  const one = f64x2.splat(1);
  const end = (<usize>to) << 3;
  for (let at = (<usize>from) << 3; at < end; at += 16) {
    const value = v128.load(raw + at);
    const positive = f64x2.gt(value, f64x2.splat(0));
    const e = Inlined.expOfNegative(f64x2.neg(f64x2.abs(value)));
    const share = f64x2.div(one, f64x2.add(one, e));
    const other = f64x2.mul(e, share);
    const p = v128.bitselect(share, other, positive);
    let gradient = f64x2.sub(p, v128.load(target + at));
    let hessian = f64x2.mul(other, share);
    if (weights !== 0) {
      const weight = v128.load(weights + at);
      gradient = f64x2.mul(weight, gradient);
      hessian = f64x2.mul(weight, hessian);
    }
    const g = f32x4.demote_f64x2_zero(f64x2.sub(f64x2.add(gradient, magic), magic));
    const h = f32x4.demote_f64x2_zero(f64x2.sub(f64x2.add(hessian, magic), magic));
    v128.store(pairs + at, v128.shuffle<f32>(g, h, 0, 4, 1, 5));
  }
}
