import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { cast, concatFeatures } from '../onnx-pieces.js';
import type { FittedPart, RawInput } from '../preprocess-types.js';
import { isMissing, requireColumn, type TableView } from '../table-view.js';

/** 1 where a cell is missing, 0 elsewhere: what a trainer can learn from the gap itself. Columns of numbers or booleans. */
export function missingPart(inputs: readonly RawInput[]): FittedPart {
  return Object.freeze({
    inputs,
    features: inputs.map(({ name }) => ({ name: `${name}=(missing)`, categoryCount: 0 })),
    transform: (table: TableView, out: Float32Array) => {
      inputs.forEach(({ name, column }, i) => {
        markMissing(table, { name, column }, out.subarray(i * table.rowCount, (i + 1) * table.rowCount));
      });
    },
    writeOnnx: (graph: OnnxGraph) => {
      const raw = concatFeatures(
        graph,
        inputs.map(({ name }) => name),
      );
      return cast(graph, graph.node({ op: 'IsNaN', inputs: [raw] }), 'float');
    },
  });
}

/** Sets 1 where the cell is missing. */
function markMissing(table: TableView, input: Pick<RawInput, 'name' | 'column'>, out: Float32Array): void {
  const column = requireColumn(table, input.name, [input.column]);
  const { validity } = column;
  if (column.kind === 'string') return;
  for (let row = 0; row < out.length; row++) {
    const value = column.values[row];
    if (Number.isNaN(value) || isMissing(validity, row)) out[row] = 1;
  }
}
