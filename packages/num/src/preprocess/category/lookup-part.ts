import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { flattenRows } from '../onnx-pieces.js';
import type { FittedPart } from '../preprocess-types.js';
import type { TableView } from '../table-view.js';
import { type CategoryLevels, codesOf, levelsInput, writeCodes } from './category-levels.js';

/** Learned numbers of each category: row-major (count + 1) × names.length, the last row for what was never seen. */
export interface CategoryTable {
  readonly values: Float32Array;
  readonly names: readonly string[];
}

/** Replaces a category by learned numbers, one feature for each: frequencies, means of a target. */
export function lookupPart(levels: CategoryLevels, { values, names }: CategoryTable): FittedPart {
  const width = names.length;
  return Object.freeze({
    inputs: [levelsInput(levels)],
    features: names.map((name) => ({ name, categoryCount: 0 })),
    transform: (table: TableView, out: Float32Array) => {
      const n = table.rowCount;
      const codes = codesOf(table, levels);
      for (let k = 0; k < width; k++) {
        const feature = out.subarray(k * n, (k + 1) * n);
        for (let row = 0; row < n; row++) feature[row] = values[codes[row] * width + k];
      }
    },
    writeOnnx: (graph: OnnxGraph) => {
      const lines = graph.constant(values, [levels.count + 1, width]);
      const picked = graph.node({ op: 'Gather', inputs: [lines, writeCodes(graph, levels)] });
      return flattenRows(graph, picked, width);
    },
  });
}
