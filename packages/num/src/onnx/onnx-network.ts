import type { Network } from '../trainers/neural/network.js';
import type { OnnxGraph } from './onnx-graph.js';
import { castTo, writeAffineDouble } from './onnx-linear.js';

const ACTIVATIONS = { relu: 'Relu', tanh: 'Tanh', logistic: 'Sigmoid', identity: 'Identity' } as const;

/** Layers in double, one rounding at the end. Returns Float32 [N, classes] probabilities, or [N, 1] values. */
export function writeNetwork(
  graph: OnnxGraph,
  { network, classify }: { network: Network; classify: boolean },
  features: string,
): string {
  const { widths, values, weightStarts, biasStarts } = network;
  let layer = castTo(graph, 'double', features);
  for (let l = 0; l + 1 < widths.length; l++) {
    const [inputs, outputs] = [widths[l], widths[l + 1]];
    const weights = values.slice(weightStarts[l], weightStarts[l] + inputs * outputs);
    const bias = values.slice(biasStarts[l], biasStarts[l] + outputs);
    layer = writeAffineDouble(graph, { inputs, outputs, weights, bias }, layer);
    if (l + 2 < widths.length) layer = graph.node({ op: ACTIVATIONS[network.activation], inputs: [layer] });
  }
  return castTo(graph, 'float', classify ? writeProbabilities(graph, layer, widths[widths.length - 1]) : layer);
}

function writeProbabilities(graph: OnnxGraph, logits: string, width: number): string {
  if (width > 1) return graph.node({ op: 'Softmax', inputs: [logits], attributes: { axis: { int: 1 } } });
  const second = graph.node({ op: 'Sigmoid', inputs: [logits] });
  const first = graph.node({ op: 'Sub', inputs: [graph.constant(Float64Array.of(1), [1, 1]), second] });
  return graph.node({ op: 'Concat', inputs: [first, second], attributes: { axis: { int: 1 } } });
}
