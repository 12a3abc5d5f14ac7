/** Puts the value of rank `rank` at its place in values[start, end), smaller ones before it (Hoare's selection). */
function select(values: Float64Array, start: number, end: number, rank: number): number {
  let low = start;
  let high = end - 1;
  const place = start + rank;
  while (low < high) {
    const pivot = medianOfThree(values[low], values[(low + high) >>> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const kept = values[i];
      values[i++] = values[j];
      values[j--] = kept;
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else break;
  }
  return values[place];
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** Quantile of values[start, end) by linear interpolation, as numpy.percentile; reorders the range. */
export function quantileOf(values: Float64Array, start: number, end: number, level: number): number {
  const position = level * (end - start - 1);
  const rank = Math.floor(position);
  const lower = select(values, start, end, rank);
  const part = position - rank;
  if (part === 0) return lower;
  let upper = Number.POSITIVE_INFINITY;
  for (let i = start + rank + 1; i < end; i++) if (values[i] < upper) upper = values[i];
  const step = upper - lower;
  return part < 0.5 ? lower + step * part : upper - step * (1 - part);
}

/** The smallest value whose cumulative weight reaches `level` of the total; values without weight do not count. */
export function weightedQuantileOf(values: Float64Array, weights: Float64Array, level: number): number {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b] || a - b);
  let total = 0;
  for (const weight of weights) total += weight;
  let sum = 0;
  let last = 0;
  for (const i of order) {
    if (weights[i] === 0) continue;
    sum += weights[i];
    last = values[i];
    if (sum >= level * total * (1 - 1e-15)) return last;
  }
  return last;
}
