import { type FeatureMatrix, matrixFromColumns } from './matrix.js';

/** Uniform numbers that three lines of Python give too: golden tests share them with scikit-learn. */
export function lcg(n: number, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: n }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 2147483648;
  });
}

/** lcg(n · p).reshape(n, p) as Float32. */
export function lcgMatrix(n: number, p: number, seed = 1): FeatureMatrix {
  const flat = lcg(n * p, seed);
  return matrixFromColumns(
    Array.from({ length: p }, (_, f) => Float32Array.from({ length: n }, (_, i) => flat[i * p + f])),
  );
}

export function columnOf(x: FeatureMatrix, f: number): Float32Array {
  return x.values.subarray(f * x.rowCount, (f + 1) * x.rowCount);
}
