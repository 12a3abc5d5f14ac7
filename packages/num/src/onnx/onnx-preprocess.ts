import type { CategoryStage, NumericStage, RawInput } from '../preprocess/preprocess-types.js';
import type { OnnxGraph } from './onnx-graph.js';

export interface StagesToWrite {
  readonly inputs: readonly RawInput[];
  readonly numeric: NumericStage;
  readonly category: readonly CategoryStage[];
}

/** Writes inputs and preprocessing; returns the name of the Float32 [N, F] feature tensor. */
export function writePreprocessor(graph: OnnxGraph, preprocessor: StagesToWrite): string {
  for (const { name, kind } of preprocessor.inputs) {
    graph.input(name, kind === 'category' ? 'string' : 'float', ['N', 1]);
  }
  const parts: string[] = [];
  if (preprocessor.numeric.names.length > 0) parts.push(writeNumeric(graph, preprocessor));
  preprocessor.category.forEach((stage, index) => {
    const hot = graph.node({
      op: 'OneHotEncoder',
      ml: true,
      inputs: [stage.name],
      output: `fl/onehot_3d_${index}`,
      attributes: { cats_strings: { strings: stage.categories }, zeros: { int: 1 } },
    });
    // [N, 1, C] → [N, C]; 0 in the shape keeps the first dimension, so an empty batch passes too.
    const shape = graph.constant(BigInt64Array.of(0n, BigInt(stage.categories.length)), [2]);
    parts.push(graph.node({ op: 'Reshape', inputs: [hot, shape], output: `fl/onehot_${index}` }));
  });
  return concat(graph, parts, 'fl/features');
}

function writeNumeric(graph: OnnxGraph, { numeric }: StagesToWrite): string {
  const width = numeric.names.length;
  const raw = concat(graph, numeric.names, 'fl/numbers_raw');
  const missing = graph.node({ op: 'IsNaN', inputs: [raw], output: 'fl/numbers_missing' });
  const fill = graph.constant(numeric.fill, [1, width]);
  const filled = graph.node({ op: 'Where', inputs: [missing, fill, raw], output: 'fl/numbers_filled' });
  const offset = graph.constant(numeric.offset, [1, width]);
  const centred = graph.node({ op: 'Sub', inputs: [filled, offset], output: 'fl/numbers_centred' });
  const factor = graph.constant(numeric.factor, [1, width]);
  return graph.node({ op: 'Mul', inputs: [centred, factor], output: 'fl/numbers' });
}

function concat(graph: OnnxGraph, inputs: readonly string[], output: string): string {
  return graph.node({ op: 'Concat', inputs, output, attributes: { axis: { int: 1 } } });
}
