import type { FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { concatFeatures, gatherColumns } from '../onnx-pieces.js';
import type { PolynomialSpec } from '../preprocess-spec.js';
import type { FittedStep } from '../preprocess-types.js';

/** The products of one degree: each is a product of the degree below times one feature. */
interface Degree {
  /** Position among the products of the degree below. */
  readonly prefix: Int32Array;
  readonly feature: Int32Array;
}

const MAX_FEATURES = 20_000;

/**
 * All products of up to `degree` features, in the order of scikit-learn's PolynomialFeatures without the bias. A product
 * is multiplied from left to right in Float32.
 *
 * @throws NUM_RANGE for more than 20,000 features
 */
export function fitPolynomialStep(
  x: FeatureMatrix,
  { degree = 2, interactionOnly = false }: PolynomialSpec,
): FittedStep {
  const degrees = planDegrees(x.featureCount, degree, interactionOnly);
  const featureNames = nameProducts(x.featureNames, degrees);
  const repeats = Int32Array.from(featureNames, (_, i) => (i < x.featureCount ? i : -1));
  return Object.freeze({
    repeats,
    featureNames,
    transform: (rows: FeatureMatrix) => transform(rows, degrees, featureNames),
    writeOnnx: (graph: OnnxGraph, features: string) => {
      const blocks = [features];
      for (const { prefix, feature } of degrees) {
        const below = gatherColumns(graph, blocks[blocks.length - 1], prefix);
        blocks.push(graph.node({ op: 'Mul', inputs: [below, gatherColumns(graph, features, feature)] }));
      }
      return concatFeatures(graph, blocks);
    },
  });
}

function planDegrees(featureCount: number, degree: number, interactionOnly: boolean): Degree[] {
  const degrees: Degree[] = [];
  let last = Int32Array.from({ length: featureCount }, (_, i) => i);
  let total = featureCount;
  for (let d = 2; d <= degree; d++) {
    const prefix: number[] = [];
    const feature: number[] = [];
    for (let p = 0; p < last.length; p++) {
      for (let f = last[p] + Number(interactionOnly); f < featureCount; f++) {
        prefix.push(p);
        feature.push(f);
      }
      if (total + prefix.length > MAX_FEATURES) {
        throw numErrors.NUM_RANGE(
          `Products up to degree ${degree} of ${featureCount} features are more than ${MAX_FEATURES}. Select features first or lower the degree.`,
          { data: { featureCount, degree, max: MAX_FEATURES } },
        );
      }
    }
    if (prefix.length === 0) break;
    total += prefix.length;
    last = Int32Array.from(feature);
    degrees.push({ prefix: Int32Array.from(prefix), feature: last });
  }
  return degrees;
}

function nameProducts(names: readonly string[], degrees: readonly Degree[]): string[] {
  const all = [...names];
  let below = [...names];
  for (const { prefix, feature } of degrees) {
    below = Array.from(prefix, (p, i) => `${below[p]}·${names[feature[i]]}`);
    all.push(...below);
  }
  return all;
}

function transform(x: FeatureMatrix, degrees: readonly Degree[], featureNames: readonly string[]): FeatureMatrix {
  const { rowCount: n, featureCount } = x;
  const values = new Float32Array(n * featureNames.length);
  values.set(x.values);
  let below = 0;
  let next = featureCount;
  for (const { prefix, feature } of degrees) {
    for (let i = 0; i < prefix.length; i++) {
      const a = (below + prefix[i]) * n;
      const b = feature[i] * n;
      const out = (next + i) * n;
      for (let row = 0; row < n; row++) values[out + row] = values[a + row] * values[b + row];
    }
    below = next;
    next += prefix.length;
  }
  return Object.freeze({ values, rowCount: n, featureCount: featureNames.length, featureNames });
}
