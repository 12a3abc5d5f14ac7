import type { FeatureMatrix } from '../linalg/matrix.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';
import type { TableView } from './table-view.js';

export interface NumericSpec {
  readonly name: string;
  readonly kind: 'numeric';
  /** What stands in for a missing cell or NaN. Default 'median'. */
  readonly impute?: 'mean' | 'median';
  /** Subtract the mean and divide by the standard deviation (of the imputed values, ddof 0). Default true. */
  readonly scale?: boolean;
}

/** true → 1, false → 0; a missing cell becomes the more frequent of the two. */
export interface BooleanSpec {
  readonly name: string;
  readonly kind: 'boolean';
}

/** One feature per category seen in the fit; a category never seen gives all zeros. */
export interface CategorySpec {
  readonly name: string;
  readonly kind: 'category';
  /** The fit fails rather than drop categories silently. Default 256. */
  readonly maxCategories?: number;
}

export type PreprocessSpec = readonly (NumericSpec | BooleanSpec | CategorySpec)[];

/** A raw column as the model takes it. */
export interface RawInput {
  readonly name: string;
  readonly kind: 'numeric' | 'boolean' | 'category';
  /** 'impute': NaN is replaced; 'category': the empty string is a category of its own; 'zeros': it was never seen. */
  readonly missing: 'impute' | 'category' | 'zeros';
}

/** Feature = Float32((fill if NaN else x) − offset) · factor, each step rounded to Float32 as ONNX does. */
export interface NumericStage {
  readonly names: readonly string[];
  readonly fill: Float32Array;
  readonly offset: Float32Array;
  readonly factor: Float32Array;
}

export interface CategoryStage {
  readonly name: string;
  /** Sorted by code unit; '' stands for missing. */
  readonly categories: readonly string[];
}

/**
 * Learned preprocessing. Features come in this order: numbers and booleans as in the specification, then the
 * one-hot features of each category column.
 */
export interface FittedPreprocessor {
  readonly inputs: readonly RawInput[];
  readonly numeric: NumericStage;
  readonly category: readonly CategoryStage[];
  readonly featureNames: readonly string[];
  /** @throws NUM_COLUMN when a column is absent or of another kind. */
  transform(table: TableView): FeatureMatrix;
  /** Adds inputs and preprocessing to a graph; returns the name of the Float32 [N, F] features. */
  writeOnnx(graph: OnnxGraph): string;
}
