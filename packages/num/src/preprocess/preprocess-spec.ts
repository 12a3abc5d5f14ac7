/** Preprocessing as people write it in YAML or JSON: one block per column, then steps over all features. */
export interface PreprocessSpec {
  /** A column may stand in several blocks when their features have different names. */
  readonly columns: readonly ColumnSpec[];
  /** Applied in this order to the features of all blocks. */
  readonly steps?: readonly StepSpec[];
}

export type ColumnSpec = NumericSpec | BooleanSpec | CategorySpec | TextSpec | DateSpec;
export type StepSpec = PolynomialSpec | SelectSpec | ScaleSpec | PcaSpec;

/** 'standard' (x − mean) / deviation with ddof 0, 'min-max' to 0..1, 'robust' (x − median) / interquartile range. */
export type Scale = 'standard' | 'min-max' | 'robust' | 'none';

/** A float64 column. Steps in this order: clip, impute, then one of scale, bins or period. */
export interface NumericSpec {
  readonly name: string;
  readonly kind: 'numeric';
  /** Quantiles of the present training values, 0..1; values beyond them are moved to them. */
  readonly clipLower?: number;
  readonly clipUpper?: number;
  /** What stands in for a missing cell: learned, or this number. 'none' keeps NaN. Default 'median'. */
  readonly impute?: 'mean' | 'median' | 'most-frequent' | 'none' | number;
  /** Adds the feature `name=(missing)`: 1 where the cell is missing. Default false. */
  readonly missingIndicator?: boolean;
  /** Default 'standard'. */
  readonly scale?: Scale;
  /** Replaces the number by the bin it falls into, as scikit-learn's KBinsDiscretizer. */
  readonly bins?: number;
  /** Default 'quantile'. */
  readonly binStrategy?: 'quantile' | 'uniform';
  /** Default 'codes': 0, 1, … in one feature. */
  readonly binEncoding?: 'codes' | 'one-hot';
  /** Replaces the number by sine and cosine of 2πx / period: hour 23 is then beside hour 0. */
  readonly period?: number;
}

/** true → 1, false → 0. */
export interface BooleanSpec {
  readonly name: string;
  readonly kind: 'boolean';
  /** Default 'most-frequent'. */
  readonly impute?: 'most-frequent' | 'none';
  readonly missingIndicator?: boolean;
}

/**
 * A string column, or a float64 or boolean one whose values are names of things. A missing cell is a category of its
 * own when training had missing cells; otherwise it counts as never seen.
 */
export interface CategorySpec {
  readonly name: string;
  readonly kind: 'category';
  /**
   * - 'one-hot': one feature per category; refuses more than 256 unless maxCategories or minFrequency says otherwise.
   * - 'codes': one feature 0..C−1, C for what was never seen; trainers get its number of levels.
   * - 'frequency': share of the training rows; 0 for what was never seen.
   * - 'target': mean of the target, shrunk to the mean of all; learned out of fold, see {@link fitPreprocessor}.
   * - 'auto' (default): 'one-hot' up to 64 categories, then 'target', or 'frequency' when there is no target.
   */
  readonly encoding?: 'auto' | 'one-hot' | 'codes' | 'frequency' | 'target';
  /** At most so many categories, the rest (the rarest) become one, named (infrequent), which counts among them. */
  readonly maxCategories?: number;
  /** Rarer categories become (infrequent): a number of rows from 1, or a share below 1. */
  readonly minFrequency?: number;
  /** One-hot: a category never seen counts as infrequent when there is such a category ('infrequent', default), or gives zeros. */
  readonly unknown?: 'infrequent' | 'zeros';
  /** One-hot: leaves out the first category, so that features are not collinear. */
  readonly drop?: 'first' | 'none';
  /** Target: rows that the mean of all counts for; 'auto' (default) estimates it per category as scikit-learn's TargetEncoder. */
  readonly smoothing?: 'auto' | number;
  /** Target: default 5. */
  readonly folds?: number;
  /** Frequency and target: default 'none'. */
  readonly scale?: Scale;
}

/** Short texts. A missing cell is an empty text. */
export interface TextSpec {
  readonly name: string;
  readonly kind: 'text';
  /** 'tf-idf' over a learned vocabulary, as scikit-learn's TfidfVectorizer, or 'hashing' into buckets. Default 'tf-idf'. */
  readonly method?: 'tf-idf' | 'hashing';
  /** 'words': runs of two or more letters, digits or underscores. 'characters': every code point. Default 'words'. */
  readonly tokens?: 'words' | 'characters';
  /** Default true. */
  readonly lowercase?: boolean;
  /** Shortest and longest sequence of tokens that counts. Default 1 and 1. */
  readonly ngramMin?: number;
  readonly ngramMax?: number;
  /** tf-idf: the so many terms that occur most often. Default 200. */
  readonly maxFeatures?: number;
  /** tf-idf: a term must occur in so many training rows. Default 1. */
  readonly minFrequency?: number;
  /** hashing: a power of two. Default 256. */
  readonly buckets?: number;
}

export type DatePart = 'year' | 'month' | 'day' | 'weekday' | 'hour' | 'minute' | 'day-of-year' | 'week' | 'is-weekend';

/** A timestamp column, read in UTC. */
export interface DateSpec {
  readonly name: string;
  readonly kind: 'date';
  /** Default: of year, month, weekday and hour those that vary in training. */
  readonly parts?: readonly DatePart[];
  /** Every part but year and is-weekend becomes a sine and a cosine. Default false. */
  readonly cyclical?: boolean;
  /** Per part, of its values. Default 'most-frequent'. */
  readonly impute?: 'most-frequent' | 'median' | 'none';
  readonly missingIndicator?: boolean;
  /** Of parts that are not cyclical. Default 'none'. */
  readonly scale?: Scale;
}

/** Adds products of features up to a degree, in the order of scikit-learn's PolynomialFeatures without the bias. */
export interface PolynomialSpec {
  readonly step: 'polynomial';
  /** Default 2. */
  readonly degree?: number;
  /** Products of distinct features only. Default false. */
  readonly interactionOnly?: boolean;
}

/** Keeps some features: those that vary by more than a threshold, or the k best for the target. */
export interface SelectSpec {
  readonly step: 'select';
  /** Default 'variance'. */
  readonly method?: 'variance' | 'f-test' | 'mutual-information';
  /** variance: default 0, which drops constants. */
  readonly threshold?: number;
  /** f-test and mutual-information: how many are kept. Default 10. */
  readonly k?: number;
}

/** Scales every feature, for example products. */
export interface ScaleSpec {
  readonly step: 'scale';
  /** Default 'standard'. */
  readonly method?: Scale;
}

/** Principal components: a number of them, or below 1 the share of the variance that they must explain. */
export interface PcaSpec {
  readonly step: 'pca';
  readonly components: number;
}
