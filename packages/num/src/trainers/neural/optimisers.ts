/** Moves parameters by what a gradient says. */
export type Optimiser = (values: Float64Array, gradient: Float64Array) => void;

/** Adam (Kingma & Ba 2015) with scikit-learn's constants. */
export function adam(size: number, learningRate: number): Optimiser {
  const m = new Float64Array(size);
  const v = new Float64Array(size);
  let t = 0;
  return (values, gradient) => {
    t++;
    const rate = (learningRate * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
    for (let i = 0; i < size; i++) {
      const g = gradient[i];
      m[i] = 0.9 * m[i] + (1 - 0.9) * g;
      v[i] = 0.999 * v[i] + (1 - 0.999) * g * g;
      values[i] -= (rate * m[i]) / (Math.sqrt(v[i]) + 1e-8);
    }
  };
}

/** Gradient descent with Nesterov's momentum. */
export function momentumDescent(size: number, learningRate: number, momentum: number): Optimiser {
  const velocity = new Float64Array(size);
  return (values, gradient) => {
    for (let i = 0; i < size; i++) {
      const push = learningRate * gradient[i];
      velocity[i] = momentum * velocity[i] - push;
      values[i] += momentum * velocity[i] - push;
    }
  };
}
