import type { Sigmoid } from '../trainers/calibration/platt-sigmoid.js';
import type { SigmoidVote } from '../trainers/calibration/sigmoid-rows.js';
import type { PairVote } from '../trainers/svm/pair-probabilities.js';
import { pairNumber } from '../trainers/svm/pairwise-coupling.js';
import type { SvmMachine } from '../trainers/svm/svm-machine.js';
import type { OnnxGraph } from './onnx-graph.js';

const DOUBLE = 11;
const FLOAT = 1;

/**
 * Plain operators in double, not SVMClassifier of ai.onnx.ml: that one sums kernel values in Float32 and couples
 * probabilities by an iteration, so it could not be held to 1e-5 (its error was not measured). One value per row and
 * support vector is held, so give batches of some thousand rows.
 */
export function writeSvr(graph: OnnxGraph, machine: SvmMachine, features: string): string {
  return cast(graph, FLOAT, writeDecisions(graph, machine, features));
}

/** Float32 [N, K] probabilities. */
export function writeSvc(graph: OnnxGraph, model: { machine: SvmMachine; vote: PairVote }, features: string): string {
  const { machine, vote } = model;
  const decisions = writeDecisions(graph, machine, features);
  const given = writeSigmoids(graph, vote.sigmoids, decisions);
  const met = vote.present.length;
  let p =
    met === 2
      ? graph.node({ op: 'Concat', inputs: [given, oneMinus(graph, given)], attributes: { axis: { int: 1 } } })
      : writeCoupling(graph, given, met);
  if (met > 2 && vote.followVotes) p = writeWinnerFirst(graph, { p, decisions }, met);
  return cast(graph, FLOAT, writePlaces(graph, p, vote));
}

/** Float32 [N, K] probabilities of one line per class, or one line when there are two. */
export function writeLinearSvc(
  graph: OnnxGraph,
  model: { coefficients: Float64Array; intercepts: Float64Array; vote: SigmoidVote; featureCount: number },
  features: string,
): string {
  const { coefficients, intercepts, vote, featureCount } = model;
  const lines = intercepts.length;
  const turned = coefficients.map((_, at) => coefficients[(at % lines) * featureCount + Math.floor(at / lines)]);
  const x = cast(graph, DOUBLE, features);
  const product = graph.node({ op: 'MatMul', inputs: [x, graph.constant(turned, [featureCount, lines])] });
  const decisions = graph.node({ op: 'Add', inputs: [product, graph.constant(intercepts, [1, lines])] });
  const given = writeSigmoids(graph, vote.sigmoids, decisions);
  if (lines === 1) {
    const both = { op: 'Concat', inputs: [oneMinus(graph, given), given], attributes: { axis: { int: 1 } } };
    return cast(graph, FLOAT, writePlaces(graph, graph.node(both), vote));
  }
  const above = graph.node({ op: 'Max', inputs: [given, graph.constant(Float64Array.of(1e-300), [1])] });
  const sum = graph.node({ op: 'ReduceSum', inputs: [above, graph.constant(BigInt64Array.of(1n), [1])] });
  return cast(graph, FLOAT, writePlaces(graph, graph.node({ op: 'Div', inputs: [above, sum] }), vote));
}

/** Columns of the classes that were met among those of all classes. */
function writePlaces(graph: OnnxGraph, p: string, vote: { present: readonly number[]; classCount: number }): string {
  const { present, classCount } = vote;
  if (present.length === classCount) return p;
  const place = new Float64Array(present.length * classCount);
  present.forEach((code, k) => {
    place[k * classCount + code] = 1;
  });
  return graph.node({ op: 'MatMul', inputs: [p, graph.constant(place, [present.length, classCount])] });
}

/** Double [N, outputs] decision values. */
function writeDecisions(graph: OnnxGraph, machine: SvmMachine, features: string): string {
  const { support, outputs, featureCount } = machine;
  const x = cast(graph, DOUBLE, features);
  const inner = machine.weights ? x : writeKernel(graph, machine, x);
  const factors = machine.weights
    ? graph.constant(machine.weights, [featureCount, outputs])
    : graph.constant(machine.coefficients, [support.count, outputs]);
  const sum = graph.node({ op: 'MatMul', inputs: [inner, factors] });
  return graph.node({ op: 'Sub', inputs: [sum, graph.constant(machine.rho, [1, outputs])] });
}

/** Double [N, support] kernel values. */
function writeKernel(graph: OnnxGraph, { kernel, support, featureCount }: SvmMachine, x: string): string {
  const { name, gamma, coef0, degree } = kernel;
  const scale = name === 'rbf' ? 2 * gamma : gamma;
  const turned = new Float64Array(featureCount * support.count);
  for (let s = 0; s < support.count; s++) {
    for (let f = 0; f < featureCount; f++) {
      turned[f * support.count + s] = scale * support.values[s * featureCount + f];
    }
  }
  const dots = graph.node({
    op: 'MatMul',
    inputs: [x, graph.constant(turned, [featureCount, support.count])],
  });
  if (name !== 'rbf') {
    const shifted = graph.node({ op: 'Add', inputs: [dots, graph.constant(Float64Array.of(coef0), [1, 1])] });
    if (name === 'sigmoid') return graph.node({ op: 'Tanh', inputs: [shifted] });
    return graph.node({ op: 'Pow', inputs: [shifted, graph.constant(Float64Array.of(degree), [1, 1])] });
  }
  const squares = graph.node({ op: 'Mul', inputs: [x, x] });
  const axis = graph.constant(BigInt64Array.of(1n), [1]);
  const norm = graph.node({ op: 'ReduceSum', inputs: [squares, axis] });
  const own = graph.node({ op: 'Mul', inputs: [norm, graph.constant(Float64Array.of(-gamma), [1, 1])] });
  const theirs = graph.constant(
    support.squares.map((square) => -gamma * square),
    [1, support.count],
  );
  const half = graph.node({ op: 'Add', inputs: [dots, theirs] });
  return graph.node({ op: 'Exp', inputs: [graph.node({ op: 'Add', inputs: [half, own] })] });
}

/** 1 / (1 + exp(slope·d + intercept)) of each column, in double. */
function writeSigmoids(graph: OnnxGraph, sigmoids: readonly Sigmoid[], decisions: string): string {
  const slopes = graph.constant(
    Float64Array.from(sigmoids, ({ slope }) => -slope),
    [1, sigmoids.length],
  );
  const offsets = graph.constant(
    Float64Array.from(sigmoids, ({ intercept }) => -intercept),
    [1, sigmoids.length],
  );
  const scaled = graph.node({ op: 'Mul', inputs: [decisions, slopes] });
  return graph.node({ op: 'Sigmoid', inputs: [graph.node({ op: 'Add', inputs: [scaled, offsets] })] });
}

/** coupleProbabilities on whole columns: Gauss–Jordan over a [N, K, K+1] tensor. */
function writeCoupling(graph: OnnxGraph, given: string, k: number): string {
  const low = graph.constant(Float64Array.of(1e-7), []);
  const high = graph.constant(Float64Array.of(1 - 1e-7), []);
  const clipped = graph.node({ op: 'Clip', inputs: [given, low, high] });
  const against = writePairTable(graph, clipped, k);
  const squares = graph.node({ op: 'Mul', inputs: [against, against] });
  const own = graph.node({ op: 'ReduceSum', inputs: [squares, graph.constant(BigInt64Array.of(2n), [1])] });
  const eye = new Float64Array(k * k);
  for (let i = 0; i < k; i++) eye[i * k + i] = 1;
  const diagonal = graph.node({ op: 'Mul', inputs: [own, graph.constant(eye, [1, k, k])] });
  // −rᵢⱼ·rⱼᵢ beside the diagonal; r of a class against itself is 0, so the product is 0 there.
  const product = graph.node({ op: 'Mul', inputs: [against, oneMinus(graph, against)] });
  const beside = graph.node({ op: 'Sub', inputs: [diagonal, product] });
  const one = graph.constant(Float64Array.of(1), [1]);
  const matrix = graph.node({ op: 'Add', inputs: [beside, one] });
  const zero = graph.node({ op: 'Mul', inputs: [own, graph.constant(Float64Array.of(0), [1])] });
  const right = graph.node({ op: 'Add', inputs: [zero, one] });
  let work = graph.node({ op: 'Concat', inputs: [matrix, right], attributes: { axis: { int: 2 } } });
  for (let pivot = 0; pivot < k; pivot++) work = writePivot(graph, work, { pivot, k });
  const solution = slice(graph, work, { axis: 2, at: k });
  const flat = graph.node({ op: 'Reshape', inputs: [solution, graph.constant(BigInt64Array.of(-1n, BigInt(k)), [2])] });
  const positive = graph.node({ op: 'Relu', inputs: [flat] });
  const sum = graph.node({ op: 'ReduceSum', inputs: [positive, graph.constant(BigInt64Array.of(1n), [1])] });
  return graph.node({ op: 'Div', inputs: [positive, sum] });
}

/** [N, K, K] of P(j | i or j), 0 on the diagonal: ± the pair's column, plus 1 where it is asked from the other side. */
function writePairTable(graph: OnnxGraph, given: string, k: number): string {
  const pairs = (k * (k - 1)) / 2;
  const pick = new Float64Array(pairs * k * k);
  const offset = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      if (i === j) continue;
      const pair = pairNumber(Math.min(i, j), Math.max(i, j), k);
      pick[pair * k * k + i * k + j] = i < j ? -1 : 1;
      if (i < j) offset[i * k + j] = 1;
    }
  }
  const picked = graph.node({ op: 'MatMul', inputs: [given, graph.constant(pick, [pairs, k * k])] });
  const table = graph.node({ op: 'Add', inputs: [picked, graph.constant(offset, [1, k * k])] });
  const shape = graph.constant(BigInt64Array.of(-1n, BigInt(k), BigInt(k)), [3]);
  return graph.node({ op: 'Reshape', inputs: [table, shape] });
}

/** One elimination step: row_pivot / pivot, and every other row less its share of it. */
function writePivot(graph: OnnxGraph, work: string, { pivot, k }: { pivot: number; k: number }): string {
  const row = slice(graph, work, { axis: 1, at: pivot });
  const corner = slice(graph, row, { axis: 2, at: pivot });
  const scaled = graph.node({ op: 'Div', inputs: [row, corner] });
  const column = slice(graph, work, { axis: 2, at: pivot });
  const unit = new Float64Array(k);
  unit[pivot] = 1;
  // The pivot row itself keeps row − (corner − 1)·scaled = scaled.
  const mask = graph.node({ op: 'Sub', inputs: [column, graph.constant(unit, [1, k, 1])] });
  return graph.node({ op: 'Sub', inputs: [work, graph.node({ op: 'Mul', inputs: [mask, scaled] })] });
}

/** The class that wins most votes takes the largest probability, and its holder takes the winner's. */
function writeWinnerFirst(graph: OnnxGraph, { p, decisions }: { p: string; decisions: string }, k: number): string {
  const pairs = (k * (k - 1)) / 2;
  const votes = new Float64Array(pairs * k);
  const losses = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    for (let j = i + 1; j < k; j++) {
      const pair = pairNumber(i, j, k);
      votes[pair * k + i] = 1;
      votes[pair * k + j] = -1;
      losses[j] += 1;
    }
  }
  const zero = graph.constant(Float64Array.of(0), [1]);
  const won = cast(graph, DOUBLE, graph.node({ op: 'Greater', inputs: [decisions, zero] }));
  const counted = graph.node({ op: 'MatMul', inputs: [won, graph.constant(votes, [pairs, k])] });
  const total = graph.node({ op: 'Add', inputs: [counted, graph.constant(losses, [1, k])] });
  const winner = oneHotArgMax(graph, total, k);
  const holder = oneHotArgMax(graph, p, k);
  const axis = graph.constant(BigInt64Array.of(1n), [1]);
  const most = graph.node({ op: 'ReduceMax', inputs: [p, axis] });
  const chosen = graph.node({ op: 'Mul', inputs: [p, winner] });
  const mine = graph.node({ op: 'ReduceSum', inputs: [chosen, axis] });
  const gap = graph.node({ op: 'Sub', inputs: [most, mine] });
  const moved = graph.node({ op: 'Mul', inputs: [graph.node({ op: 'Sub', inputs: [winner, holder] }), gap] });
  return graph.node({ op: 'Add', inputs: [p, moved] });
}

/** Double [N, K]: 1 at the first largest of each row. */
function oneHotArgMax(graph: OnnxGraph, values: string, k: number): string {
  const at = graph.node({ op: 'ArgMax', inputs: [values], attributes: { axis: { int: 1 }, keepdims: { int: 1 } } });
  const codes = graph.constant(
    BigInt64Array.from({ length: k }, (_, code) => BigInt(code)),
    [1, k],
  );
  return cast(graph, DOUBLE, graph.node({ op: 'Equal', inputs: [at, codes] }));
}

function slice(graph: OnnxGraph, input: string, { axis, at }: { axis: number; at: number }): string {
  const numbers = [at, at + 1, axis].map((value) => graph.constant(BigInt64Array.of(BigInt(value)), [1]));
  return graph.node({ op: 'Slice', inputs: [input, ...numbers] });
}

function oneMinus(graph: OnnxGraph, p: string): string {
  return graph.node({ op: 'Sub', inputs: [graph.constant(Float64Array.of(1), [1]), p] });
}

function cast(graph: OnnxGraph, type: number, input: string): string {
  return graph.node({ op: 'Cast', inputs: [input], attributes: { to: { int: type } } });
}
