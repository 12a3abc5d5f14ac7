import { logConstant } from '../trainers/bayes/log-constant.js';
import type { OnnxGraph } from './onnx-graph.js';
import { castTo } from './onnx-linear.js';

/** Softmax of the joint log-likelihoods in double, one class after the other. Returns the name of Float32 [N, K]. */
export function writeGaussianBayes(
  graph: OnnxGraph,
  model: {
    priors: Float64Array;
    means: Float64Array;
    variances: Float64Array;
    featureCount: number;
    classCount: number;
  },
  features: string,
): string {
  const { priors, means, variances, featureCount: p, classCount } = model;
  const x = castTo(graph, 'double', features);
  const parts = Array.from({ length: classCount }, (_, k) => {
    const own = (values: Float64Array) => values.slice(k * p, (k + 1) * p);
    const absent = !(priors[k] > 0);
    const precision = own(variances).map((variance) => (absent ? 0 : -0.5 / variance));
    const difference = graph.node({ op: 'Sub', inputs: [x, graph.constant(own(means), [1, p])] });
    const square = graph.node({ op: 'Mul', inputs: [difference, difference] });
    const fit = graph.node({ op: 'MatMul', inputs: [square, graph.constant(precision, [p, 1])] });
    // e to this is 0 whatever the others are; minus infinity would make NaN of a difference.
    const constant = absent ? -1e300 : logConstant(model, k);
    return graph.node({ op: 'Add', inputs: [fit, graph.constant(Float64Array.of(constant), [1, 1])] });
  });
  const joint = graph.node({ op: 'Concat', inputs: parts, attributes: { axis: { int: 1 } } });
  return castTo(graph, 'float', graph.node({ op: 'Softmax', inputs: [joint], attributes: { axis: { int: 1 } } }));
}
