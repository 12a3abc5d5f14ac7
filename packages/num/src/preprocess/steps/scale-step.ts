import type { FeatureMatrix } from '../../linalg/matrix.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { learnScale } from '../numeric/learn-scale.js';
import { applyAffine } from '../numeric/numbers-part.js';
import { writeScale } from '../numeric/onnx-numbers.js';
import type { ScaleSpec } from '../preprocess-spec.js';
import type { FittedStep } from '../preprocess-types.js';

/** Scales every feature by what the training rows show of it; NaN stays NaN. */
export function fitScaleStep(x: FeatureMatrix, { method = 'standard' }: ScaleSpec): FittedStep {
  const n = x.rowCount;
  const scales = Array.from({ length: x.featureCount }, (_, f) =>
    learnScale(x.values.subarray(f * n, (f + 1) * n), method),
  );
  const { featureNames } = x;
  return Object.freeze({
    featureNames,
    repeats: Int32Array.from(scales, ({ offset, factor }, f) => (offset === 0 && factor === 1 ? f : -1)),
    transform: (rows: FeatureMatrix) => {
      const values = rows.values.slice();
      scales.forEach((scale, f) => {
        applyAffine(values.subarray(f * rows.rowCount, (f + 1) * rows.rowCount), scale);
      });
      return Object.freeze({ ...rows, values });
    },
    writeOnnx: (graph: OnnxGraph, features: string) => writeScale(graph, features, scales),
  });
}
