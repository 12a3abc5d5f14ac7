import type { FeatureMatrix } from '../linalg/matrix.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';
import type { PreprocessSpec } from './preprocess-spec.js';
import type { TableView } from './table-view.js';

/** What a category is learned from beside the rows: classes 0..K−1, or numbers. One per row. */
export type PreprocessTarget =
  | { readonly kind: 'classes'; readonly codes: Int32Array; readonly classCount: number }
  | { readonly kind: 'numbers'; readonly values: Float64Array };

/**
 * A raw column as the model takes it, a tensor [N, 1]: float with NaN for missing; string with '' for missing; int64
 * epoch milliseconds with −2⁶³ for missing.
 */
export interface RawInput {
  readonly name: string;
  readonly type: 'float' | 'string' | 'int64';
  /** Kind of the table's column. */
  readonly column: 'float64' | 'boolean' | 'string' | 'timestamp';
  /** 'impute': it is replaced; 'keep': the trainer sees NaN; 'category': one of its own; 'zeros': as if never seen. */
  readonly missing: 'impute' | 'keep' | 'category' | 'zeros';
  /** Texts seen in training, when they are told apart as categories. */
  readonly categories?: readonly string[];
}

export interface Feature {
  readonly name: string;
  /** Raw float column that this feature repeats unchanged wherever it is neither missing nor clipped. */
  readonly source?: string;
  /** Levels of a categorical feature given as codes, the one for values never seen included; 0 for a number. */
  readonly categoryCount: number;
}

/** One learned part: raw columns → Float32 features. It can be used and written alone. */
export interface FittedPart {
  readonly inputs: readonly RawInput[];
  readonly features: readonly Feature[];
  /** Fills `out`, feature-major, features.length × rowCount. It arrives zeroed. @throws NUM_COLUMN */
  transform(table: TableView, out: Float32Array): void;
  /** Adds the part to a graph that has its raw inputs under their names; returns the name of the Float32 [N, features]. */
  writeOnnx(graph: OnnxGraph): string;
}

/** A part whose features of the training rows differ from what `transform` gives: those learned out of fold. */
export interface LearnedPart {
  readonly part: FittedPart;
  readonly training?: (out: Float32Array) => void;
}

/** One learned step: features → features. */
export interface FittedStep {
  /** Of each output feature, the input feature that it repeats unchanged; −1 when none. */
  readonly repeats: Int32Array;
  readonly featureNames: readonly string[];
  transform(x: FeatureMatrix): FeatureMatrix;
  writeOnnx(graph: OnnxGraph, features: string): string;
}

/** What was decided where the specification left it open or the data forced it; for people. */
export interface PreprocessDecision {
  readonly column: string;
  /** For example `one-hot`, `left out`. */
  readonly choice: string;
  readonly reason: string;
}

/** Learned preprocessing: what {@link exportModel} writes into the model file, step for step in Float32. */
export interface FittedPreprocessor {
  /** The specification with every 'auto' resolved. */
  readonly spec: PreprocessSpec;
  readonly decisions: readonly PreprocessDecision[];
  /** One per raw column, in order of the specification. */
  readonly inputs: readonly RawInput[];
  readonly featureNames: readonly string[];
  /** Per feature, see {@link Feature}; what trainers with categorical splits take. */
  readonly categoryCounts: Int32Array;
  readonly parts: readonly FittedPart[];
  readonly steps: readonly FittedStep[];
  /** The raw float column that a feature repeats unchanged. */
  sourceOf(feature: number): string | undefined;
  /** @throws NUM_COLUMN when a column is absent or of another kind. */
  transform(table: TableView): FeatureMatrix;
  /** Adds inputs and preprocessing to a graph; returns the name of the Float32 [N, F] features. */
  writeOnnx(graph: OnnxGraph): string;
}

export interface FittedPreprocessing {
  readonly preprocessor: FittedPreprocessor;
  /** Features of the training rows, which is what to train on: target encodings in it are out of fold. */
  readonly training: FeatureMatrix;
}
