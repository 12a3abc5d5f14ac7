/**
 * What is known of a numeric column without keeping its rows. Plain numbers and arrays: it goes through JSON unchanged.
 * count = missing + nan + negativeInfinity + positiveInfinity + Σ counts.
 */
export interface NumericProfile {
  readonly kind: 'numeric';
  readonly name: string;
  readonly count: number;
  readonly missing: number;
  readonly nan: number;
  readonly negativeInfinity: number;
  readonly positiveInfinity: number;
  /** Of the finite values; null when there are none. */
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number;
  /** Sum of squared deviations from the mean; variance = m2 / Σ counts. */
  readonly m2: number;
  /** Ascending. Fixed by the reference, so that profiles of any windows add up. */
  readonly edges: readonly number[];
  /** edges.length + 1 counts: below the first edge, [edgeᵢ, edgeᵢ₊₁) …, from the last edge upwards. */
  readonly counts: readonly number[];
}

/** What is known of a text or boolean column ("true", "false"). count = missing + other + Σ categories. */
export interface CategoryProfile {
  readonly kind: 'category';
  readonly name: string;
  readonly count: number;
  readonly missing: number;
  /** Value and count, sorted by value. */
  readonly categories: readonly (readonly [string, number])[];
  /** Rows of categories beyond the limit, counted but not named. */
  readonly other: number;
}

export type ColumnProfile = NumericProfile | CategoryProfile;

export interface TableProfile {
  readonly rowCount: number;
  readonly columns: readonly ColumnProfile[];
}
