import { type BoostingState, TASK } from './boosting-state.js';

type Range = [number, number];

/**
 * Rows of the node to its children's places on the other side, each child's in their old order. How many go left is known
 * from the histogram, so two members can work towards each other from both ends without counting first: the second half
 * is walked backwards. Answers the places that this member filled. A third member has nothing to do here.
 */
export function partitionRows(state: BoostingState, member: number, size: number): { left: Range; right: Range } {
  const { task, bins, rowCount, goesLeft } = state;
  const [start, middle, end] = [task[TASK.start], task[TASK.middle], task[TASK.end]];
  const side = task[TASK.side];
  const from = side < 0 ? undefined : side === 0 ? state.order0 : state.order1;
  const to = side === 0 ? state.order1 : state.order0;
  const column = task[TASK.feature] * rowCount;
  const half = size < 2 ? end : start + ((end - start) >>> 1);
  if (member > 1) return { left: [start, start], right: [middle, middle] };
  if (member === 0) {
    const move = { column, first: start, last: half, left: start, right: middle };
    const left = from ? forward(from, to, bins, goesLeft, move) : forwardAll(to, bins, goesLeft, move);
    return { left: [start, left], right: [middle, middle + half - start - (left - start)] };
  }
  const move = { column, first: half, last: end, left: middle, right: end };
  const left = from ? backward(from, to, bins, goesLeft, move) : backwardAll(to, bins, goesLeft, move);
  return { left: [left, middle], right: [end - (end - half - (middle - left)), end] };
}

interface Move {
  readonly column: number;
  readonly first: number;
  readonly last: number;
  /** Where the next row of each child goes; backwards: one above. */
  readonly left: number;
  readonly right: number;
}

// One store per row at a place chosen by arithmetic: a branch would be mispredicted for every other row. It is `left` when
// the row goes left (1), else `right`; 0 − goes, because −0 is no integer.

function forward(from: Uint32Array, to: Uint32Array, bins: Uint8Array, goesLeft: Uint8Array, move: Move): number {
  const { column, first, last } = move;
  let { left, right } = move;
  for (let i = first; i < last; i++) {
    const row = from[i];
    const goes = goesLeft[bins[column + row]];
    to[right ^ ((right ^ left) & (0 - goes))] = row;
    left += goes;
    right += 1 - goes;
  }
  return left;
}

function forwardAll(to: Uint32Array, bins: Uint8Array, goesLeft: Uint8Array, move: Move): number {
  const { column, first, last } = move;
  let { left, right } = move;
  for (let row = first; row < last; row++) {
    const goes = goesLeft[bins[column + row]];
    to[right ^ ((right ^ left) & (0 - goes))] = row;
    left += goes;
    right += 1 - goes;
  }
  return left;
}

function backward(from: Uint32Array, to: Uint32Array, bins: Uint8Array, goesLeft: Uint8Array, move: Move): number {
  const { column, first, last } = move;
  let { left, right } = move;
  for (let i = last - 1; i >= first; i--) {
    const row = from[i];
    const goes = goesLeft[bins[column + row]];
    left -= goes;
    right -= 1 - goes;
    to[right ^ ((right ^ left) & (0 - goes))] = row;
  }
  return left;
}

function backwardAll(to: Uint32Array, bins: Uint8Array, goesLeft: Uint8Array, move: Move): number {
  const { column, first, last } = move;
  let { left, right } = move;
  for (let row = last - 1; row >= first; row--) {
    const goes = goesLeft[bins[column + row]];
    left -= goes;
    right -= 1 - goes;
    to[right ^ ((right ^ left) & (0 - goes))] = row;
  }
  return left;
}
