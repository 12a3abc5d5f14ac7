import { type FeatureMatrix, matrixFromColumns } from '../linalg/matrix.js';
import { createRng, type Rng } from '../random/rng.js';

export const ROWS = 400;
export const FEATURES = 4;

/** Three overlapping clouds in four dimensions, the last of which says nothing. */
export function clouds(classCount: number): { x: FeatureMatrix; y: Int32Array } {
  const rng = createRng(42);
  const y = Int32Array.from({ length: ROWS }, () => rng.int(classCount));
  const column = (shift: (k: number) => number) => Float32Array.from(y, (k) => rng.normal() + shift(k));
  const x = matrixFromColumns([
    column((k) => 2 * k),
    column((k) => (k === 1 ? 2 : 0)),
    column((k) => -k),
    column(() => 0),
  ]);
  return { x, y };
}

/** A sloping plane with noise; the last two features say nothing. */
export function plane(): { x: FeatureMatrix; y: Float64Array } {
  const rng = createRng(43);
  const x = matrixFromColumns(Array.from({ length: FEATURES }, () => normals(rng, ROWS)));
  const y = Float64Array.from(
    { length: ROWS },
    (_, i) => 7 + 2 * x.values[i] - x.values[ROWS + i] + 0.3 * rng.normal(),
  );
  return { x, y };
}

/** One cloud; every tenth row lies far outside of it, in a direction of its own. */
export function strays(): { x: FeatureMatrix; stray: Int32Array } {
  const rng = createRng(44);
  const stray = Int32Array.from({ length: ROWS }, (_, i) => Number(i % 10 === 0));
  const column = () => Float32Array.from(stray, (far) => rng.normal() + far * (rng.next() < 0.5 ? -6 : 6));
  return { x: matrixFromColumns([column(), column(), column(), column()]), stray };
}

function normals(rng: Rng, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => rng.normal());
}
