/** What is remembered of a training set: rows of weight above 0. */
export interface NeighbourMemory {
  /** Row-major count × width. */
  readonly points: Float32Array;
  readonly width: number;
  /** Row-major count × (columns + 1): weight · value of each column, then the weight itself. */
  readonly table: Float64Array;
  readonly columns: number;
  readonly nNeighbors: number;
  readonly byDistance: boolean;
  /** Exponent of the metric. */
  readonly power: number;
}
