import type { FeatureMatrix } from '../../linalg/matrix.js';
import { fitPca } from '../pca.js';
import type { PcaSpec } from '../preprocess-spec.js';
import type { FittedStep } from '../preprocess-types.js';

/** Replaces the features by their principal components. They should share a scale; NaN is refused. */
export function fitPcaStep(x: FeatureMatrix, { components }: PcaSpec): FittedStep {
  const pca = fitPca(x, { nComponents: components });
  return Object.freeze({
    repeats: new Int32Array(pca.componentCount).fill(-1),
    featureNames: Array.from({ length: pca.componentCount }, (_, k) => `pca${k}`),
    transform: pca.transform,
    writeOnnx: pca.writeOnnx,
  });
}
