/** Rows of a node: a part of the tree's list. */
export interface RowSpan {
  readonly start: number;
  readonly end: number;
}
