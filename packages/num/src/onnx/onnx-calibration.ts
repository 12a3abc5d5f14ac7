import type { Isotonic } from '../trainers/calibration/isotonic.js';
import type { Sigmoid } from '../trainers/calibration/platt-sigmoid.js';
import type { OnnxGraph } from './onnx-graph.js';

/** One of both: a sigmoid of the log-odds, or an isotonic function of the probability. */
export interface Calibrator {
  readonly sigmoid?: Sigmoid;
  readonly isotonic?: Isotonic;
}

const EDGE = 1e-7;

/**
 * Calibrated Float32 [N, K] probabilities from Float32 ones, in double. An isotonic function is written as its first
 * value plus its rises, each times how far its stretch has been passed (0..1): sums of what never falls lose nothing.
 */
export function writeCalibrated(
  graph: OnnxGraph,
  calibrators: readonly Calibrator[],
  { probabilities, classCount }: { probabilities: string; classCount: number },
): string {
  const p = graph.node({ op: 'Cast', inputs: [probabilities], attributes: { to: { int: 11 } } });
  const columns = calibrators.map(({ sigmoid, isotonic }, c) => {
    const score = slice(graph, p, classCount === 2 ? 1 : c);
    if (sigmoid) return writeSigmoid(graph, sigmoid, score);
    return writeIsotonic(graph, isotonic as Isotonic, score);
  });
  const one = graph.constant(Float64Array.of(1), [1, 1]);
  if (classCount === 2) {
    const rest = graph.node({ op: 'Sub', inputs: [one, columns[0]] });
    const both = graph.node({ op: 'Concat', inputs: [rest, columns[0]], attributes: { axis: { int: 1 } } });
    return graph.node({ op: 'Cast', inputs: [both], attributes: { to: { int: 1 } } });
  }
  const all = graph.node({ op: 'Concat', inputs: columns, attributes: { axis: { int: 1 } } });
  const axis = graph.constant(BigInt64Array.of(1n), [1]);
  const sum = graph.node({ op: 'ReduceSum', inputs: [all, axis] });
  const zero = graph.constant(Float64Array.of(0), [1, 1]);
  const known = graph.node({ op: 'Greater', inputs: [sum, zero] });
  const safe = graph.node({ op: 'Where', inputs: [known, sum, one] });
  const shared = graph.node({ op: 'Div', inputs: [all, safe] });
  const even = graph.constant(new Float64Array(classCount).fill(1 / classCount), [1, classCount]);
  const answer = graph.node({ op: 'Where', inputs: [known, shared, even] });
  return graph.node({ op: 'Cast', inputs: [answer], attributes: { to: { int: 1 } } });
}

function slice(graph: OnnxGraph, input: string, column: number): string {
  const bounds = [column, column + 1, 1].map((value) => graph.constant(BigInt64Array.of(BigInt(value)), [1]));
  return graph.node({ op: 'Slice', inputs: [input, ...bounds] });
}

function writeSigmoid(graph: OnnxGraph, { slope, intercept }: Sigmoid, score: string): string {
  const scalar = (value: number) => graph.constant(Float64Array.of(value), []);
  const inside = graph.node({ op: 'Clip', inputs: [score, scalar(EDGE), scalar(1 - EDGE)] });
  const rest = graph.node({ op: 'Sub', inputs: [scalar(1), inside] });
  const odds = graph.node({ op: 'Log', inputs: [graph.node({ op: 'Div', inputs: [inside, rest] })] });
  const scaled = graph.node({ op: 'Mul', inputs: [odds, scalar(-slope)] });
  return graph.node({ op: 'Sigmoid', inputs: [graph.node({ op: 'Add', inputs: [scaled, scalar(-intercept)] })] });
}

function writeIsotonic(graph: OnnxGraph, { x, y }: Isotonic, score: string): string {
  const rises = Array.from({ length: x.length - 1 }, (_, i) => i).filter((i) => y[i + 1] !== y[i]);
  const scalar = (value: number) => graph.constant(Float64Array.of(value), [1, 1]);
  if (rises.length === 0) {
    const nothing = graph.node({ op: 'Mul', inputs: [score, scalar(0)] });
    return graph.node({ op: 'Add', inputs: [nothing, scalar(y[0])] });
  }
  const count = rises.length;
  const from = graph.constant(
    Float64Array.from(rises, (i) => x[i]),
    [1, count],
  );
  const length = graph.constant(
    Float64Array.from(rises, (i) => x[i + 1] - x[i]),
    [1, count],
  );
  const passed = graph.node({ op: 'Div', inputs: [graph.node({ op: 'Sub', inputs: [score, from] }), length] });
  const zero = graph.constant(Float64Array.of(0), []);
  const one = graph.constant(Float64Array.of(1), []);
  const share = graph.node({ op: 'Clip', inputs: [passed, zero, one] });
  const height = graph.constant(
    Float64Array.from(rises, (i) => y[i + 1] - y[i]),
    [count, 1],
  );
  return graph.node({ op: 'Add', inputs: [graph.node({ op: 'MatMul', inputs: [share, height] }), scalar(y[0])] });
}
