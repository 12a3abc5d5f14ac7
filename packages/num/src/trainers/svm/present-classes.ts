import { numErrors } from '../../num-errors.js';

/** Codes of the classes that have a row of weight. @throws NUM_TOO_FEW when there are fewer than two. */
export function presentClasses(y: Int32Array, weights: Float64Array, classCount: number): number[] {
  const seen = new Uint8Array(classCount);
  for (let i = 0; i < y.length; i++) if (weights[i] > 0) seen[y[i]] = 1;
  const present = Array.from({ length: classCount }, (_, k) => k).filter((k) => seen[k]);
  if (present.length >= 2) return present;
  throw numErrors.NUM_TOO_FEW(
    `Only ${present.length} of ${classCount} classes has rows, so there is nothing to part.`,
    {
      data: { present: present.length, classCount },
    },
  );
}
