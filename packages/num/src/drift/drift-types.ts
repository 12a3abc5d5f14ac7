/** 'drift' needs an effect of the stated size and significance; too few rows are 'insufficient', never a verdict. */
export type DriftVerdict = 'drift' | 'no-drift' | 'insufficient';

export interface DriftEffect {
  /** 'jensen-shannon' distance (root of the divergence, nats) or 'wasserstein' in reference standard deviations. */
  readonly name: 'jensen-shannon' | 'wasserstein';
  readonly value: number;
  readonly threshold: number;
}

export interface ColumnDrift {
  readonly name: string;
  readonly kind: 'numeric' | 'category';
  readonly verdict: DriftVerdict;
  /** The effect that is largest in proportion to its threshold; bias-corrected. */
  readonly effect: DriftEffect;
  /** KS and missing share (numeric), or 2×K contingency chi-square (category). NaN when insufficient. */
  readonly pValue: number;
  /** After Benjamini–Hochberg over the columns of the call. */
  readonly adjustedPValue: number;
  readonly statistics: {
    readonly jensenShannon: number;
    readonly psi: number;
    /** Numeric only. */
    readonly ks?: number;
    readonly wasserstein?: number;
    /** Category only. */
    readonly chiSquare?: number;
  };
  readonly referenceRows: number;
  readonly currentRows: number;
  /** Share of rows missing or NaN, 0..1. */
  readonly missingRatio: { readonly reference: number; readonly current: number };
  /** Categories that the reference never had, with their counts (at most 20, most frequent first). */
  readonly unseen?: readonly (readonly [string, number])[];
}

export interface TableDrift {
  /** 'drift' when any column drifted; 'insufficient' when none could be judged. */
  readonly verdict: DriftVerdict;
  readonly driftedColumns: readonly string[];
  /** Drifted columns / columns judged, 0..1. */
  readonly driftedRatio: number;
  readonly alpha: number;
  readonly columns: readonly ColumnDrift[];
}

export interface DriftOptions {
  /** Columns to compare; default: all of the reference. Leave out timestamps, which always move. */
  readonly columns?: readonly string[];
  /** False discovery rate over the columns. Default 0.05. */
  readonly alpha?: number;
  /** Smallest effects that count. Default 0.1 each. */
  readonly thresholds?: { readonly jensenShannon?: number; readonly wasserstein?: number };
  /** Rows that each side needs. Default 30. */
  readonly minRows?: number;
  /**
   * Effective rows per row, in (0, 1]. Default 1 (independent rows). Rows of a time series repeat each other: give
   * 1 / (length over which they are related), for example 0.2 for daily weather, or p-values come out far too small.
   */
  readonly effectiveRatio?: number;
}
