import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import type { BooleanSpec, NumericSpec } from '../preprocess-spec.js';
import type { Feature, FittedPart, RawInput } from '../preprocess-types.js';
import type { TableView } from '../table-view.js';
import { type CleanNumber, cleanInto, learnBoolean, learnNumber } from './learn-number.js';
import { type Affine, learnScale } from './learn-scale.js';
import { writeClean, writeScale } from './onnx-numbers.js';

/**
 * Numbers and booleans that stay one feature each: clipped, imputed, scaled. All of them make one part, because a graph
 * that treats twenty columns at once runs faster than twenty chains of nodes.
 *
 * @throws NUM_COLUMN, NUM_NOT_FINITE, NUM_TOO_FEW
 */
export function fitNumbersPart(table: TableView, specs: readonly (NumericSpec | BooleanSpec)[]): FittedPart {
  const columns = specs.map((spec) =>
    spec.kind === 'boolean' ? learnBoolean(table, spec.name, spec.impute ?? 'most-frequent') : learnNumber(table, spec),
  );
  const buffer = new Float32Array(table.rowCount);
  const scales = specs.map((spec, i): Affine => {
    const scale = spec.kind === 'boolean' ? 'none' : (spec.scale ?? 'standard');
    if (scale !== 'none') cleanInto(table, columns[i], buffer);
    return learnScale(buffer, scale);
  });
  return Object.freeze({
    inputs: columns.map(inputOf),
    features: columns.map((column, i) => featureOf(column, scales[i])),
    transform: (rows: TableView, out: Float32Array) => {
      columns.forEach((column, i) => {
        const feature = out.subarray(i * rows.rowCount, (i + 1) * rows.rowCount);
        cleanInto(rows, column, feature);
        applyAffine(feature, scales[i]);
      });
    },
    writeOnnx: (graph: OnnxGraph) => writeScale(graph, writeClean(graph, columns), scales),
  });
}

export function inputOf({ name, column, fill }: CleanNumber): RawInput {
  return { name, type: 'float', column, missing: Number.isNaN(fill) ? 'keep' : 'impute' };
}

function featureOf({ name }: CleanNumber, { offset, factor }: Affine): Feature {
  return { name, categoryCount: 0, ...(offset === 0 && factor === 1 && { source: name }) };
}

/** In place, each operation rounded to Float32 as the graph does. */
export function applyAffine(values: Float32Array, { offset, factor }: Affine): void {
  if (offset === 0 && factor === 1) return;
  for (let i = 0; i < values.length; i++) values[i] = Math.fround(values[i] - offset) * factor;
}
