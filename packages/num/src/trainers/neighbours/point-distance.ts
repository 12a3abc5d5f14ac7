/**
 * Distance between points in the form that is cheapest to compare: Σ|a − b|^power without the root, in Float64, features
 * in order. The exported graph does the same steps in the same order, so both see the same ties.
 */
export function reducedDistance(points: Float32Array, at: number, query: Float32Array, power: number): number {
  const width = query.length;
  let sum = 0;
  if (power === 2) {
    for (let f = 0; f < width; f++) {
      const d = query[f] - points[at + f];
      sum += d * d;
    }
  } else if (power === 1) {
    for (let f = 0; f < width; f++) sum += Math.abs(query[f] - points[at + f]);
  } else {
    for (let f = 0; f < width; f++) sum += Math.abs(query[f] - points[at + f]) ** power;
  }
  return sum;
}

/** The root that makes a distance of a reduced one. */
export function distanceOf(reduced: number, power: number): number {
  return power === 2 ? Math.sqrt(reduced) : power === 1 ? reduced : reduced ** (1 / power);
}
