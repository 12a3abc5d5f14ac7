/** True when `a` is at least as good (less) in every objective and better in one. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] > b[i]) return false;
    if (a[i] < b[i]) better = true;
  }
  return better;
}

/** Front of each point (0: nothing dominates it), peeled until `enough` points have one; the others keep −1. */
export function nonDominationRanks(losses: readonly (readonly number[])[], enough = losses.length): Int32Array {
  const ranks = new Int32Array(losses.length).fill(-1);
  // In lexicographic order a point can only be dominated by one before it.
  let left = [...losses.keys()].sort((i, j) => compareLosses(losses[i], losses[j]) || i - j);
  let ranked = 0;
  for (let rank = 0; left.length > 0 && ranked < Math.max(enough, 1); rank++) {
    const front: number[] = [];
    const rest: number[] = [];
    for (const i of left) {
      if (front.some((j) => dominates(losses[j], losses[i]))) rest.push(i);
      else front.push(i);
    }
    for (const i of front) ranks[i] = rank;
    ranked += front.length;
    left = rest;
  }
  return ranks;
}

export function compareLosses(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  return 0;
}
