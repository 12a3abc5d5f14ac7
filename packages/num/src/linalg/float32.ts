const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/**
 * The largest Float32 ≤ t. A tree compares Float32 features with `x <= threshold`; rounding the threshold to the
 * nearest Float32 instead could lift it over a feature value and flip the branch.
 */
export function floorToFloat32(t: number): number {
  float[0] = t;
  if (float[0] <= t || Number.isNaN(t)) return float[0];
  if (float[0] === 0) return -1.401298464324817e-45;
  bits[0] += float[0] > 0 ? -1 : 1;
  return float[0];
}
