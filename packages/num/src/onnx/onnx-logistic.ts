import type { FittedLogisticRegression } from '../trainers/linear/logistic-regression.js';
import type { OnnxGraph } from './onnx-graph.js';

/**
 * Softmax(x·W + b) in double, so that large coefficients of unscaled features lose nothing. Two classes are written
 * as logits [0, z]. Returns the name of the Float32 [N, K] probabilities.
 */
export function writeLogistic(graph: OnnxGraph, model: FittedLogisticRegression, features: string): string {
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
    output: 'fl/features_double',
    attributes: { to: { int: 11 } },
  });
  const w = graph.constant(weights, [featureCount, classCount]);
  const product = graph.node({ op: 'MatMul', inputs: [x, w], output: 'fl/product' });
  const b = graph.constant(bias, [1, classCount]);
  const logits = graph.node({ op: 'Add', inputs: [product, b], output: 'fl/logits' });
  const softmax = {
    op: 'Softmax',
    inputs: [logits],
    output: 'fl/probabilities_double',
    attributes: { axis: { int: 1 } },
  };
  const probabilities = graph.node(softmax);
  return graph.node({
    op: 'Cast',
    inputs: [probabilities],
    output: 'probabilities',
    attributes: { to: { int: 1 } },
  });
}
