/**
 * Adjusted p-values that control the false discovery rate (Benjamini & Hochberg 1995): reject where adjusted ≤ q.
 * Same order as the input; NaN (no test) stays NaN and is not counted.
 */
export function benjaminiHochberg(pValues: Float64Array): Float64Array {
  const tested = Array.from(pValues.keys()).filter((i) => !Number.isNaN(pValues[i]));
  tested.sort((i, j) => pValues[j] - pValues[i] || j - i);
  const out = new Float64Array(pValues.length).fill(Number.NaN);
  let smallest = 1;
  tested.forEach((i, place) => {
    smallest = Math.min(smallest, (pValues[i] * tested.length) / (tested.length - place));
    out[i] = smallest;
  });
  return out;
}
