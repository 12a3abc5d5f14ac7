export interface JacobiSvd {
  /** One per column, in the order of the columns: not sorted. */
  readonly singular: Float64Array;
  /** The columns of A, now U·Σ: column-major length × count. */
  readonly scaledLeft: Float64Array;
  /** V, column-major count × count: A V = U Σ. */
  readonly right: Float64Array;
}

/**
 * Singular value decomposition of A (column-major length × count) by one-sided Jacobi rotations (Hestenes 1958; de Rijk
 * 1989): slow, O(length · count²) per sweep and about eight sweeps, but accurate to the smallest singular values. `a` is
 * overwritten.
 */
export function jacobiSvd(a: Float64Array, length: number, count: number): JacobiSvd {
  const v = new Float64Array(count * count);
  for (let j = 0; j < count; j++) v[j * count + j] = 1;
  let rotated = true;
  for (let sweep = 0; rotated && sweep < 60; sweep++) {
    rotated = false;
    for (let p = 0; p < count - 1; p++) {
      for (let q = p + 1; q < count; q++) {
        if (rotatePair(a, v, { p, q, length, count })) rotated = true;
      }
    }
  }
  const singular = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    let squares = 0;
    for (let i = 0, at = j * length; i < length; i++) squares += a[at + i] * a[at + i];
    singular[j] = Math.sqrt(squares);
  }
  return { singular, scaledLeft: a, right: v };
}

/** Makes columns p and q orthogonal; false when they already were. */
function rotatePair(
  a: Float64Array,
  v: Float64Array,
  at: { p: number; q: number; length: number; count: number },
): boolean {
  const { length, count } = at;
  const p = at.p * length;
  const q = at.q * length;
  let pp = 0;
  let qq = 0;
  let pq = 0;
  for (let i = 0; i < length; i++) {
    pp += a[p + i] * a[p + i];
    qq += a[q + i] * a[q + i];
    pq += a[p + i] * a[q + i];
  }
  if (pq === 0 || Math.abs(pq) <= 1e-15 * Math.sqrt(pp) * Math.sqrt(qq)) return false;
  const zeta = (qq - pp) / (2 * pq);
  const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = c * t;
  rotate(a, { p, q, length, c, s });
  rotate(v, { p: at.p * count, q: at.q * count, length: count, c, s });
  return true;
}

function rotate(values: Float64Array, by: { p: number; q: number; length: number; c: number; s: number }): void {
  const { p, q, length, c, s } = by;
  for (let i = 0; i < length; i++) {
    const x = values[p + i];
    const y = values[q + i];
    values[p + i] = c * x - s * y;
    values[q + i] = s * x + c * y;
  }
}
