import type { FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { gatherColumns } from '../onnx-pieces.js';
import type { SelectSpec } from '../preprocess-spec.js';
import type { FittedStep, PreprocessTarget } from '../preprocess-types.js';
import { fScores, mutualInformation, variances } from './feature-scores.js';

/**
 * Keeps features, in their order. Every feature is judged alone: by its variance (ddof 0, as scikit-learn's
 * VarianceThreshold), by the F-test against the target (f_classif, f_regression), or by the mutual information of
 * its 32 quantile bins with the target.
 *
 * @throws NUM_TOO_FEW when nothing is kept or there is no target to judge by
 */
export function fitSelectStep(x: FeatureMatrix, spec: SelectSpec, target: PreprocessTarget | undefined): FittedStep {
  const { method = 'variance', threshold = 0, k = 10 } = spec;
  if (method === 'variance') {
    const scores = variances(x);
    return keep(
      x,
      Int32Array.from(scores.keys()).filter((f) => scores[f] > threshold),
    );
  }
  if (target === undefined) {
    throw numErrors.NUM_TOO_FEW(`Features are to be selected by ${method}, but no target was given.`);
  }
  const scores = method === 'f-test' ? fScores(x, target) : mutualInformation(x, target);
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
  return keep(x, Int32Array.from(order.slice(0, k)).sort());
}

function keep(x: FeatureMatrix, kept: Int32Array): FittedStep {
  if (kept.length === 0) throw numErrors.NUM_TOO_FEW('No feature varies enough to be selected.');
  const featureNames = Array.from(kept, (f) => x.featureNames[f]);
  return Object.freeze({
    repeats: kept,
    featureNames,
    transform: (rows: FeatureMatrix) => {
      const n = rows.rowCount;
      const values = new Float32Array(n * kept.length);
      for (let i = 0; i < kept.length; i++) values.set(rows.values.subarray(kept[i] * n, (kept[i] + 1) * n), i * n);
      return Object.freeze({ values, rowCount: n, featureCount: kept.length, featureNames });
    },
    writeOnnx: (graph: OnnxGraph, features: string) => gatherColumns(graph, features, kept),
  });
}
