import { writeGradients } from './boosting-gradients.js';
import type { BoostingRoutines, FeatureRun, PartPlaces, RowRange, RowsToPart } from './boosting-routines.js';
import { BINS, type BoostingState } from './boosting-state.js';

/** The routines in TypeScript: for memory that WebAssembly cannot have, and to compare with. */
export function createTypedRoutines(state: BoostingState): BoostingRoutines {
  return {
    writeGradients: (from, to) => writeGradients(state, from, to),
    numberRows: (order, from, to) => {
      for (let i = from; i < to; i++) order[i] = i;
    },
    countRun: (rows, { first, width }: FeatureRun, { slot, output }) => {
      for (let f = first; f < first + width; f++) {
        const at = (slot * state.featureCount + f) * BINS;
        countFeature(state, rows, { column: f * state.rowCount, pair: output * state.rowCount, at });
      }
    },
    partForward: (rows, places) => partForward(state, rows, places),
    partBackward: (rows, places) => partBackward(state, rows, places),
    countLeft: ({ from, feature, first, last }) => {
      const { bins, goesLeft, rowCount } = state;
      let many = 0;
      for (let i = first; i < last; i++) many += goesLeft[bins[feature * rowCount + from[i]]];
      return many;
    },
    addToRows: ({ order, start, end }, output, value) => {
      const { raw, rowCount } = state;
      for (let i = start; i < end; i++) raw[output * rowCount + order[i]] += value;
    },
  };
}

function countFeature(
  { sums, counts, bins, gradients, constantHessian }: BoostingState,
  { order, start, end }: RowRange,
  { column, pair, at }: { column: number; pair: number; at: number },
): void {
  for (let i = start; i < end; i++) {
    const row = order[i];
    const cell = at + bins[column + row];
    sums[2 * cell] += gradients[2 * (pair + row)];
    sums[2 * cell + 1] += gradients[2 * (pair + row) + 1];
    if (!constantHessian) counts[cell]++;
  }
}

// One store per row at a place chosen by arithmetic: a branch would be mispredicted for every other row. It is `left` when
// the row goes left (1), else `right`; 0 − goes, because −0 is no integer.

function partForward(state: BoostingState, { from, to, feature, first, last }: RowsToPart, places: PartPlaces): number {
  const { bins, goesLeft } = state;
  const column = feature * state.rowCount;
  let { left, right } = places;
  for (let i = first; i < last; i++) {
    const row = from[i];
    const goes = goesLeft[bins[column + row]];
    to[right ^ ((right ^ left) & (0 - goes))] = row;
    left += goes;
    right += 1 - goes;
  }
  return left;
}

function partBackward(
  state: BoostingState,
  { from, to, feature, first, last }: RowsToPart,
  places: PartPlaces,
): number {
  const { bins, goesLeft } = state;
  const column = feature * state.rowCount;
  let { left, right } = places;
  for (let i = last - 1; i >= first; i--) {
    const row = from[i];
    const goes = goesLeft[bins[column + row]];
    left -= goes;
    right -= 1 - goes;
    to[right ^ ((right ^ left) & (0 - goes))] = row;
  }
  return left;
}
