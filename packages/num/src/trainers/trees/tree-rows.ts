import type { Rng } from '../../random/rng.js';
import type { AbsoluteErrors } from './absolute-errors.js';
import type { RowSpan } from './row-span.js';

export interface RowCut extends RowSpan {
  readonly feature: number;
  /** The last bin that goes left. */
  readonly bin: number;
  /** 1: missing values go left. */
  readonly missingLeft: number;
}

/** The rows of the tree that is being grown and what each counts; a node owns a contiguous part of them. */
export interface TreeRows {
  /** Stats are whole numbers: those of a child may be had by subtraction. */
  readonly exact: boolean;
  /** Present when absolute errors are what is minimised: no sum per bin tells them. */
  readonly absolute: AbsoluteErrors | undefined;
  /** Draws the rows of a tree; returns how many distinct ones of positive weight there are. */
  draw(rng: Rng): number;
  /** Stats of some rows: `width` numbers, then distinct rows. Returns true when they have one target only. */
  describe(span: RowSpan, out: Float64Array): boolean;
  /** Σ w·y² of some rows; 0 in classification. */
  sumSquares(span: RowSpan): number;
  /** Lowest and highest bin of values among some rows, into `out`; 256 and −1 when all are missing. */
  extent(feature: number, span: RowSpan, out: Int32Array): void;
  /** Adds stats per bin, width + 1 numbers each, to zeroed `out`; only bins low … high and the missing one are wanted. */
  fill(feature: number, span: RowSpan, bins: { out: Float64Array; low: number; high: number }): void;
  /** Brings rows that go left before the others, keeping their order; returns where the others begin. */
  part(cut: RowCut): number;
}
