import type { FeatureMatrix } from '../../linalg/matrix.js';
import { createKernel, singleThread } from '../../parallel/kernel-catalogue.js';
import { createRng, type Rng } from '../../random/rng.js';
import { throwIfStopped } from '../trainer-types.js';
import { type BoostedTrees, joinBoostedTrees, nodesOf } from './boosted-trees.js';
import { baselineOf, isRenewed, type Loss, meanLoss } from './boosting-losses.js';
import { type BoostingOptions, type BoostingPlan, planBoosting } from './boosting-options.js';
import { type BoostingState, COMMAND, TASK } from './boosting-state.js';
import { createBoostingState } from './create-boosting-state.js';
import { growBoostedTree, type RunCommand } from './grow-boosted-tree.js';
import type { GrowingNode } from './growing-node.js';
import { drawRows, holdOut } from './held-out-rows.js';

/** Less work than this (row · features) is done before other threads have woken. */
const TEAM_WORK = 30_000;

export interface BoostingTarget {
  readonly loss: Loss;
  readonly outputCount: number;
  readonly target: Float64Array;
  /** Absent: every row weighs 1. */
  readonly weights: Float64Array | undefined;
  /** Class codes, by which rows are held out evenly. */
  readonly classes?: Int32Array;
}

export interface BoostedFit {
  readonly trees: BoostedTrees;
  /** One per output, before the link. */
  readonly baseline: Float64Array;
  readonly iterations: number;
  /** Minus the mean loss of the rows held out: before the first iteration and after each. Empty without early stopping. */
  readonly validationScores: Float64Array;
}

/** Histogram gradient boosting with Newton steps (Friedman 2001; Chen & Guestrin 2016); the loop of every loss. */
export function fitBoostedTrees(x: FeatureMatrix, target: BoostingTarget, options: BoostingOptions): BoostedFit {
  const plan = planBoosting(options, x);
  const threads = options.threads ?? singleThread;
  const categoryCounts = options.categoryCounts ?? new Int32Array(x.featureCount);
  const { maxBins = 255, useWasm = true } = options;
  const { state, binned } = createBoostingState({ x, maxBins, plan, threads, categoryCounts, useWasm, ...target });
  const shared = { ...state };
  const own = createKernel('boost-trees', shared);
  const region = threads.size > 1 ? threads.open('boost-trees', shared) : undefined;
  const run: RunCommand = (command, output, work) => {
    state.next.fill(0);
    if (region && work >= TEAM_WORK) region.run(command, output);
    else own.run(command, output, 0, 1);
  };
  try {
    const booster = new Booster({ state, plan, run, target });
    const { iterations, scores } = booster.boost(options);
    return {
      trees: joinBoostedTrees(booster.trees, booster.values, binned),
      baseline: booster.baseline,
      iterations,
      validationScores: Float64Array.from(scores),
    };
  } finally {
    region?.close();
  }
}

interface BoosterInput {
  readonly state: BoostingState;
  readonly plan: BoostingPlan;
  readonly run: RunCommand;
  readonly target: BoostingTarget;
}

class Booster {
  readonly trees: GrowingNode[][] = [];
  readonly values = new Map<GrowingNode, number>();
  readonly baseline: Float64Array;
  readonly #input: BoosterInput;
  readonly #rng: Rng;
  /** Rows to learn from; absent: all. */
  readonly #training: Uint32Array | undefined;
  readonly #validation: Uint32Array | undefined;

  constructor(input: BoosterInput) {
    this.#input = input;
    const { state, plan, target } = input;
    this.#rng = createRng(plan.seed).fork('gradient-boosting');
    if (plan.earlyStopping) {
      const parts = holdOut(state.rowCount, target.classes, plan.validationFraction, this.#rng.fork('held out'));
      this.#training = parts.training;
      this.#validation = parts.validation;
    }
    const rows = this.#training ?? everyRow(state.rowCount);
    this.baseline = baselineOf(target.loss, { ...target, rows }, target.outputCount);
    this.baseline.forEach((value, k) => {
      state.raw.fill(value, k * state.rowCount, (k + 1) * state.rowCount);
    });
  }

  boost({ signal, onProgress }: BoostingOptions): { iterations: number; scores: number[] } {
    const { state, plan, run } = this.#input;
    const scores = this.#validation ? [this.#score(this.#validation)] : [];
    let iterations = 0;
    while (iterations < plan.maxIter) {
      throwIfStopped(signal);
      run(COMMAND.gradients, 0, 4 * state.rowCount);
      this.#iterate(iterations++);
      if (this.#validation) scores.push(this.#score(this.#validation));
      if (iterations < plan.maxIter && this.#validation && hasSettled(scores, plan)) break;
      if (iterations < plan.maxIter) onProgress?.(iterations / plan.maxIter);
    }
    onProgress?.(1);
    return { iterations, scores };
  }

  #score(rows: Uint32Array): number {
    const { state, target } = this.#input;
    return -meanLoss(target.loss, { ...target, rows }, state.raw);
  }

  #iterate(iteration: number): void {
    const { state, plan, run, target } = this.#input;
    const rng = this.#rng.fork(iteration);
    const { rows, others } = this.#drawRows(rng);
    for (let output = 0; output < target.outputCount; output++) {
      if (rows) state.order0.set(rows);
      const rowCount = rows?.length ?? state.rowCount;
      const tree = { state, plan, run, output, rowCount, everyRow: !rows, rng: rng.fork(`tree ${output}`) };
      const { root, leaves } = growBoostedTree(tree);
      this.#finish(leaves, output);
      for (const part of others) this.#walk(root, part, output);
      this.trees.push(nodesOf(root));
    }
  }

  /** `rows` absent: all. `others`: rows that the tree does not see but must answer. */
  #drawRows(rng: Rng): { rows: Uint32Array | undefined; others: Uint32Array[] } {
    const { state, plan } = this.#input;
    const held = this.#validation ? [this.#validation] : [];
    if (plan.subsample >= 1) return { rows: this.#training, others: held };
    const all = this.#training ?? everyRow(state.rowCount);
    const count = Math.max(1, Math.round(plan.subsample * all.length));
    const { drawn, others } = drawRows(all, count, rng.fork('rows'));
    return { rows: drawn, others: [others, ...held] };
  }

  /** Gives the leaves their values, Float32 ones as in the exported model, and adds them to the answers so far. */
  #finish(leaves: readonly GrowingNode[], output: number): void {
    const { state, plan, run, target } = this.#input;
    const { task } = state;
    task[TASK.leafCount] = leaves.length;
    let rows = 0;
    leaves.forEach((leaf, l) => {
      state.leaves.set([leaf.start, leaf.end, leaf.side], 3 * l);
      state.leafValues[l] = Math.fround(plan.learningRate * leaf.value);
      rows += leaf.end - leaf.start;
    });
    if (isRenewed(target.loss)) run(COMMAND.renew, output, 10 * rows);
    run(COMMAND.update, output, 2 * rows);
    leaves.forEach((leaf, l) => {
      this.values.set(leaf, state.leafValues[l]);
    });
  }

  #walk(root: GrowingNode, rows: Uint32Array, output: number): void {
    const { bins, raw, rowCount } = this.#input.state;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      let node = root;
      while (node.children && node.split) {
        const { feature, goesLeft } = node.split;
        node = node.children[1 - goesLeft[bins[feature * rowCount + row]]];
      }
      raw[output * rowCount + row] += this.values.get(node) ?? 0;
    }
  }
}

function everyRow(rowCount: number): Uint32Array {
  const rows = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) rows[row] = row;
  return rows;
}

/** True when none of the last scores beats the one before them by more than `tol`. */
function hasSettled(scores: readonly number[], { nIterNoChange, tol }: BoostingPlan): boolean {
  if (scores.length < nIterNoChange + 1) return false;
  const reference = scores[scores.length - nIterNoChange - 1] + tol;
  return scores.slice(-nIterNoChange).every((score) => score <= reference);
}
