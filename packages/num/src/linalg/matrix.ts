import { checkFinite, checkLength } from '../checks.js';

/**
 * Model inputs: Float32, feature-major (`values[feature * rowCount + row]`), because trees, histograms and drift walk
 * one feature at a time, and because the exported ONNX graph computes in Float32 too.
 */
export interface FeatureMatrix {
  readonly values: Float32Array;
  readonly rowCount: number;
  readonly featureCount: number;
  readonly featureNames: readonly string[];
}

/** Builds a matrix from one array per feature. @throws NUM_SHAPE when lengths differ. */
export function matrixFromColumns(columns: readonly ArrayLike<number>[], names?: readonly string[]): FeatureMatrix {
  const rowCount = columns[0]?.length ?? 0;
  const values = new Float32Array(rowCount * columns.length);
  for (let f = 0; f < columns.length; f++) {
    checkLength(`column ${f}`, columns[f].length, rowCount);
    values.set(columns[f], f * rowCount);
  }
  const featureNames = names ?? columns.map((_, f) => `x${f}`);
  checkLength('names', featureNames.length, columns.length);
  return Object.freeze({ values, rowCount, featureCount: columns.length, featureNames });
}

/** The rows at `indices`, in that order; copies. */
export function selectMatrixRows(matrix: FeatureMatrix, indices: Int32Array): FeatureMatrix {
  const n = indices.length;
  const values = new Float32Array(n * matrix.featureCount);
  for (let f = 0; f < matrix.featureCount; f++) {
    const from = f * matrix.rowCount;
    const to = f * n;
    for (let i = 0; i < n; i++) values[to + i] = matrix.values[from + indices[i]];
  }
  return Object.freeze({ ...matrix, values, rowCount: n });
}

/** The door check of every trainer: shapes agree and every value is finite. */
export function checkMatrix(what: string, matrix: FeatureMatrix): void {
  checkLength(`${what}.values`, matrix.values.length, matrix.rowCount * matrix.featureCount);
  checkFinite(`${what}.values`, matrix.values);
}
