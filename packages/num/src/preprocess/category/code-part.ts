import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { cast } from '../onnx-pieces.js';
import type { FittedPart } from '../preprocess-types.js';
import type { TableView } from '../table-view.js';
import { type CategoryLevels, codesOf, levelsInput, writeCodes } from './category-levels.js';

/** One feature of codes 0..C−1 in the order of the categories, C for what was never seen, for trainers with categorical splits. */
export function codePart(levels: CategoryLevels): FittedPart {
  return Object.freeze({
    inputs: [levelsInput(levels)],
    features: [{ name: levels.column, categoryCount: levels.count + 1 }],
    transform: (table: TableView, out: Float32Array) => out.set(codesOf(table, levels)),
    writeOnnx: (graph: OnnxGraph) => cast(graph, writeCodes(graph, levels), 'float'),
  });
}
