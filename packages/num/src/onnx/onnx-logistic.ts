import type { OnnxGraph } from './onnx-graph.js';

export interface LogisticToWrite {
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
  readonly featureCount: number;
  readonly classCount: number;
}

/**
 * Softmax(x·W + b) in double, so that large coefficients of unscaled features lose nothing. Two classes are written
 * as logits [0, z]. Returns the name of the Float32 [N, K] probabilities.
 */
export function writeLogistic(graph: OnnxGraph, model: LogisticToWrite, features: string): string {
  const { coefficients, intercepts, featureCount, classCount } = model;
  const weights = new Float64Array(featureCount * classCount);
  const bias = new Float64Array(classCount);
  const first = intercepts.length === 1 ? 1 : 0;
  for (let line = 0; line < intercepts.length; line++) {
    bias[line + first] = intercepts[line];
    for (let f = 0; f < featureCount; f++) {
      weights[f * classCount + line + first] = coefficients[line * featureCount + f];
    }
  }
  const x = graph.node({
    op: 'Cast',
    inputs: [features],
    attributes: { to: { int: 11 } },
  });
  const w = graph.constant(weights, [featureCount, classCount]);
  const product = graph.node({ op: 'MatMul', inputs: [x, w] });
  const b = graph.constant(bias, [1, classCount]);
  const logits = graph.node({ op: 'Add', inputs: [product, b] });
  const softmax = {
    op: 'Softmax',
    inputs: [logits],
    attributes: { axis: { int: 1 } },
  };
  const probabilities = graph.node(softmax);
  return graph.node({
    op: 'Cast',
    inputs: [probabilities],
    attributes: { to: { int: 1 } },
  });
}
