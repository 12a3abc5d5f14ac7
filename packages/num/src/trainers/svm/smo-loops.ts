/** Rows column by column (value of row i under feature f at `values[f * stride + i]`) in double, with their squared norms. */
export interface KernelColumns {
  readonly values: Float64Array;
  readonly squares: Float64Array;
  readonly width: number;
  /** Room per column: the rows and up to the next multiple of eight. */
  readonly stride: number;
}

/** One row: `width` values and their squared norm. */
export interface KernelRow {
  readonly values: Float64Array;
  readonly square: number;
}

/** What a row of kernel values is made of: exp(−γ‖a−b‖²), or ⟨a,b⟩ when there is no `gamma`. */
export interface RowToFill {
  readonly columns: KernelColumns;
  readonly own: KernelRow;
  /** Places [from, to) of `out`. */
  readonly from: number;
  readonly to: number;
  readonly gamma: number | undefined;
}

/**
 * The inner loops of a fit and a prediction, in TypeScript or in WebAssembly: the same bits either way. `low` holds F of the
 * variables whose yα may fall and −∞ for others, `up` that of those whose yα may rise and +∞ for others.
 */
export interface SmoLoops {
  fillSingle(row: RowToFill, out: Float32Array): void;
  fillDouble(row: RowToFill, out: Float64Array): void;
  /** sums += factor · values, over the first `count`. */
  addScaled(sums: Float64Array, values: Float64Array, factor: number, count: number): void;
  /** sums += factor · row, over the places [from, to). */
  addRow(
    sums: Float64Array,
    row: Float32Array,
    factor: number,
    part: { readonly from: number; readonly to: number },
  ): void;
  /**
   * Place of the variable with low > −best that gains most, (best + low)² ÷ curvature, the last of equal ones; −1 for none.
   * `found[0]` becomes the largest `low`.
   */
  secondOfPair(state: LoopState, row: Float32Array, first: { readonly best: number; readonly own: number }): number;
  /** F += first · moveFirst + second · moveSecond. Place of the smallest `up`, the last of equal ones, which goes to `found[0]`. */
  movePair(
    state: LoopState,
    pair: {
      readonly first: Float32Array;
      readonly second: Float32Array;
      readonly moveFirst: number;
      readonly moveSecond: number;
    },
  ): number;
}

export interface LoopState {
  readonly low: Float64Array;
  readonly up: Float64Array;
  readonly diagonal: Float64Array;
  readonly found: Float64Array;
  /** Variables that take part. */
  active: number;
}

/** Curvature of a direction that has none. */
export const FLAT = 1e-12;
