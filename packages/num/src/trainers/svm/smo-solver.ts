import { exchange } from './kernel-cache.js';
import { FLAT, type LoopState, type SmoLoops } from './smo-loops.js';
import type { SmoProblem, SmoSolution } from './smo-types.js';

const UP = 1;
const LOW = 2;

/**
 * Sequential minimal optimisation with second-order selection of the pair (Fan, Chen, Lin: Working set selection using
 * second order information for training SVM, JMLR 2005) and shrinking, step for step as libsvm 3.25, so that it takes
 * the same path. It works on F = y·G instead of the gradient G: then both signs are treated by one formula, with
 * UP = "yα may rise" and LOW = "yα may fall", and kernel rows need no signs.
 */
export function solveSmo(problem: SmoProblem): SmoSolution {
  const state = new SmoState(problem);
  const { maxIterations, shrinking, onIteration } = problem;
  const period = Math.min(state.count, 1000);
  const limit = maxIterations >= 0 ? maxIterations : Math.max(1e7, 100 * state.count);
  let countdown = period + 1;
  let iterations = 0;
  let converged = true;
  for (;;) {
    if (iterations >= limit) {
      converged = false;
      state.unshrink();
      break;
    }
    if (--countdown === 0) {
      countdown = period;
      onIteration();
      if (shrinking) state.shrink();
    }
    if (!state.select()) {
      state.unshrink();
      if (!state.select()) break;
      countdown = 1;
    }
    iterations++;
    state.step();
  }
  return state.finish(iterations, converged);
}

class SmoState {
  readonly count: number;
  readonly #kernel;
  readonly #signs: Int8Array;
  readonly #linear: Float64Array;
  readonly #bounds: Float64Array;
  readonly #tolerance: number;
  readonly #alpha: Float64Array;
  /** F stands in its `low` where it may fall and in its `up` where it may rise. */
  readonly #state: LoopState;
  readonly #loops: SmoLoops;
  readonly #flags: Uint8Array;
  readonly #order: Int32Array;
  #unshrunk = false;
  #first = -1;
  #second = -1;
  /** Largest −F over UP and where, kept up to date by `step`; the position is −2 when it must be searched for. */
  #best = Number.NEGATIVE_INFINITY;
  #bestAt = -2;

  constructor({ kernel, memory, signs, linear, bounds, tolerance }: SmoProblem) {
    const count = signs.length;
    this.count = count;
    this.#kernel = kernel;
    this.#signs = signs.slice();
    this.#linear = linear.slice();
    this.#bounds = bounds.slice();
    this.#tolerance = tolerance;
    this.#alpha = new Float64Array(count);
    this.#state = memory.state;
    this.#loops = memory.loops;
    this.#flags = Uint8Array.from(signs, (sign) => (sign > 0 ? UP : LOW));
    this.#order = Int32Array.from({ length: count }, (_, i) => i);
    this.#state.active = count;
    for (let t = 0; t < count; t++) {
      this.#state.diagonal[t] = kernel.diagonal(t);
      this.#put(t, linear[t]);
    }
  }

  #f(t: number): number {
    return this.#flags[t] & LOW ? this.#state.low[t] : this.#state.up[t];
  }

  #put(t: number, value: number): void {
    this.#state.low[t] = this.#flags[t] & LOW ? value : Number.NEGATIVE_INFINITY;
    this.#state.up[t] = this.#flags[t] & UP ? value : Number.POSITIVE_INFINITY;
  }

  #findBest(): void {
    const { up, active } = this.#state;
    let least = Number.POSITIVE_INFINITY;
    let at = -1;
    for (let t = 0; t < active; t++) {
      if (this.#flags[t] & UP && up[t] <= least) {
        least = up[t];
        at = t;
      }
    }
    this.#best = -least;
    this.#bestAt = at;
  }

  /** Chooses the next pair; false when the violation is within the tolerance. */
  select(): boolean {
    if (this.#bestAt === -2) this.#findBest();
    const i = this.#bestAt;
    if (i < 0) return false;
    const state = this.#state;
    const best = this.#best;
    const row = this.#kernel.row(i, state.active);
    const at = this.#loops.secondOfPair(state, row, { best, own: state.diagonal[i] });
    if (best + state.found[0] < this.#tolerance || at < 0) return false;
    this.#first = i;
    this.#second = at;
    return true;
  }

  /** Moves the chosen pair to its minimum inside the box and brings F up to date. */
  step(): void {
    const i = this.#first;
    const j = this.#second;
    const state = this.#state;
    const first = this.#kernel.row(i, state.active);
    const second = this.#kernel.row(j, state.active);
    const oldI = this.#alpha[i];
    const oldJ = this.#alpha[j];
    this.#movePair(i, j, first[j]);
    const moveFirst = (this.#alpha[i] - oldI) * this.#signs[i];
    const moveSecond = (this.#alpha[j] - oldJ) * this.#signs[j];
    this.#setFlags(i);
    this.#setFlags(j);
    this.#bestAt = this.#loops.movePair(state, { first, second, moveFirst, moveSecond });
    this.#best = -state.found[0];
  }

  #movePair(i: number, j: number, inner: number): void {
    const alpha = this.#alpha;
    const signs = this.#signs;
    const { diagonal } = this.#state;
    const ci = this.#bounds[i];
    const cj = this.#bounds[j];
    const gi = this.#f(i) * signs[i];
    const gj = this.#f(j) * signs[j];
    let curvature = diagonal[i] + diagonal[j] - 2 * inner;
    if (curvature <= 0) curvature = FLAT;
    if (signs[i] !== signs[j]) {
      const delta = (-gi - gj) / curvature;
      const difference = alpha[i] - alpha[j];
      alpha[i] += delta;
      alpha[j] += delta;
      if (difference > 0 && alpha[j] < 0) {
        alpha[j] = 0;
        alpha[i] = difference;
      } else if (difference <= 0 && alpha[i] < 0) {
        alpha[i] = 0;
        alpha[j] = -difference;
      }
      if (difference > ci - cj && alpha[i] > ci) {
        alpha[i] = ci;
        alpha[j] = ci - difference;
      } else if (difference <= ci - cj && alpha[j] > cj) {
        alpha[j] = cj;
        alpha[i] = cj + difference;
      }
      return;
    }
    const delta = (gi - gj) / curvature;
    const sum = alpha[i] + alpha[j];
    alpha[i] -= delta;
    alpha[j] += delta;
    if (sum > ci && alpha[i] > ci) {
      alpha[i] = ci;
      alpha[j] = sum - ci;
    } else if (sum <= ci && alpha[j] < 0) {
      alpha[j] = 0;
      alpha[i] = sum;
    }
    if (sum > cj && alpha[j] > cj) {
      alpha[j] = cj;
      alpha[i] = sum - cj;
    } else if (sum <= cj && alpha[i] < 0) {
      alpha[i] = 0;
      alpha[j] = sum;
    }
  }

  #setFlags(t: number): void {
    const positive = this.#signs[t] > 0;
    const mayRise = this.#alpha[t] < this.#bounds[t];
    const mayFall = this.#alpha[t] > 0;
    const value = this.#f(t);
    this.#flags[t] = ((positive ? mayRise : mayFall) ? UP : 0) | ((positive ? mayFall : mayRise) ? LOW : 0);
    this.#put(t, value);
  }

  /** Sets variables aside that stand at a bound and want to stay there. */
  shrink(): void {
    const { low, up, active } = this.#state;
    const flags = this.#flags;
    let mostUp = Number.NEGATIVE_INFINITY;
    let mostLow = Number.NEGATIVE_INFINITY;
    for (let t = 0; t < active; t++) {
      if (-up[t] > mostUp) mostUp = -up[t];
      if (low[t] > mostLow) mostLow = low[t];
    }
    if (!this.#unshrunk && mostUp + mostLow <= this.#tolerance * 10) {
      this.#unshrunk = true;
      this.unshrink();
    }
    const idle = (t: number): boolean => (flags[t] === LOW && -low[t] > mostUp) || (flags[t] === UP && up[t] > mostLow);
    const state = this.#state;
    for (let t = 0; t < state.active; t++) {
      if (!idle(t)) continue;
      state.active--;
      while (state.active > t) {
        if (!idle(state.active)) {
          this.#swap(t, state.active);
          break;
        }
        state.active--;
      }
    }
    this.#bestAt = -2;
  }

  #swap(a: number, b: number): void {
    this.#kernel.swap(a, b);
    exchange(this.#signs, a, b);
    exchange(this.#linear, a, b);
    exchange(this.#bounds, a, b);
    exchange(this.#alpha, a, b);
    exchange(this.#state.low, a, b);
    exchange(this.#state.up, a, b);
    exchange(this.#state.diagonal, a, b);
    exchange(this.#flags, a, b);
    exchange(this.#order, a, b);
  }

  /**
   * Takes every variable back and computes F of those that were set aside, from the rows of all support vectors, most of
   * which are in the cache. libsvm instead keeps the part of F that comes from variables at their bound up to date, by a
   * whole row whenever one gets there or leaves. On 12,000 × 7 rows neither way was always the faster one.
   */
  unshrink(): void {
    const count = this.count;
    const { active } = this.#state;
    this.#bestAt = -2;
    if (active === count) return;
    // F of those that were set aside adds up in `low` before it is put where it belongs.
    const { low } = this.#state;
    for (let t = active; t < count; t++) low[t] = this.#linear[t];
    for (let k = 0; k < count; k++) {
      if (this.#alpha[k] === 0) continue;
      const row = this.#kernel.row(k, count);
      this.#loops.addRow(low, row, this.#alpha[k] * this.#signs[k], { from: active, to: count });
    }
    for (let t = active; t < count; t++) this.#put(t, low[t]);
    this.#state.active = count;
  }

  #rho(): number {
    let upper = Number.POSITIVE_INFINITY;
    let lower = Number.NEGATIVE_INFINITY;
    let sum = 0;
    let free = 0;
    for (let t = 0; t < this.count; t++) {
      const value = this.#f(t);
      if (this.#flags[t] === LOW) lower = Math.max(lower, value);
      else if (this.#flags[t] === UP) upper = Math.min(upper, value);
      else {
        free++;
        sum += value;
      }
    }
    return free > 0 ? sum / free : (upper + lower) / 2;
  }

  finish(iterations: number, converged: boolean): SmoSolution {
    const alpha = new Float64Array(this.count);
    const gradient = new Float64Array(this.count);
    for (let t = 0; t < this.count; t++) {
      alpha[this.#order[t]] = this.#alpha[t];
      gradient[this.#order[t]] = this.#f(t);
    }
    return { alpha, gradient, rho: this.#rho(), iterations, converged };
  }
}
