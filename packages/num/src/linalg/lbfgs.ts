/** Writes the gradient at `x` into `gradient` and returns the value. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  readonly maxIterations: number;
  /** Stop when the largest gradient component is at most this. */
  readonly gradientTolerance: number;
  readonly memory?: number;
  /** Called once per iteration; may throw to abort. */
  readonly onIteration?: (iteration: number) => void;
}

export interface LbfgsResult {
  readonly iterations: number;
  readonly converged: boolean;
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

const largest = (a: Float64Array): number => {
  let max = 0;
  for (let i = 0; i < a.length; i++) max = Math.max(max, Math.abs(a[i]));
  return max;
};

/**
 * Minimises a smooth convex function in place (limited-memory BFGS, Nocedal & Wright 2006, algorithm 7.4) with a
 * backtracking search that also bounds the slope, so that every stored pair has positive curvature.
 */
export function minimiseLbfgs(objective: Objective, x: Float64Array, options: LbfgsOptions): LbfgsResult {
  const n = x.length;
  const memory = options.memory ?? 20;
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  const gradient = new Float64Array(n);
  const trial = { x: new Float64Array(n), gradient: new Float64Array(n) };
  let value = objective(x, gradient);

  for (let iteration = 0; iteration < options.maxIterations; iteration++) {
    if (largest(gradient) <= options.gradientTolerance) return { iterations: iteration, converged: true };
    options.onIteration?.(iteration);
    const direction = twoLoop(pairs, gradient);
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      pairs.length = 0;
      for (let i = 0; i < n; i++) direction[i] = -gradient[i];
      slope = dot(direction, gradient);
    }
    const first = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    const next = search(objective, { x, value, direction, slope, first }, trial);
    // No step lowers the value: the value has reached its rounding floor, and only the gradient can say how near.
    if (next === undefined) {
      return { iterations: iteration, converged: largest(gradient) <= 100 * options.gradientTolerance };
    }
    const s = new Float64Array(n);
    const y = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      s[i] = trial.x[i] - x[i];
      y[i] = trial.gradient[i] - gradient[i];
    }
    const curvature = dot(s, y);
    if (curvature > 1e-300) pairs.push({ s, y, rho: 1 / curvature });
    if (pairs.length > memory) pairs.shift();
    x.set(trial.x);
    gradient.set(trial.gradient);
    value = next;
  }
  return { iterations: options.maxIterations, converged: largest(gradient) <= options.gradientTolerance };
}

function twoLoop(pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[], gradient: Float64Array) {
  const q = gradient.map((g) => -g);
  const alphas = new Float64Array(pairs.length);
  for (let p = pairs.length - 1; p >= 0; p--) {
    const { s, y, rho } = pairs[p];
    alphas[p] = rho * dot(s, q);
    for (let i = 0; i < q.length; i++) q[i] -= alphas[p] * y[i];
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < q.length; i++) q[i] *= scale;
  }
  for (let p = 0; p < pairs.length; p++) {
    const { s, y, rho } = pairs[p];
    const beta = rho * dot(y, q);
    for (let i = 0; i < q.length; i++) q[i] += s[i] * (alphas[p] - beta);
  }
  return q;
}

interface Line {
  readonly x: Float64Array;
  readonly value: number;
  readonly direction: Float64Array;
  readonly slope: number;
  readonly first: number;
}

/** Weak Wolfe by bisection (Lewis & Overton 2013). Leaves the point and gradient in `trial`; undefined = no step. */
function search(
  objective: Objective,
  line: Line,
  trial: { x: Float64Array; gradient: Float64Array },
): number | undefined {
  const rounding = 1e-15 * Math.abs(line.value);
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let step = line.first;
  for (let attempt = 0; attempt < 50; attempt++) {
    for (let i = 0; i < trial.x.length; i++) trial.x[i] = line.x[i] + step * line.direction[i];
    const value = objective(trial.x, trial.gradient);
    if (!(value <= line.value + 1e-4 * step * line.slope + rounding)) high = step;
    else if (dot(trial.gradient, line.direction) < 0.9 * line.slope) low = step;
    else return value;
    step = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
  }
  return undefined;
}
