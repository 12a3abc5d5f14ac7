import { meet } from '../../parallel/meeting.js';
import type { BoostingRoutines, RowsToPart } from './boosting-routines.js';
import { type BoostingState, TASK } from './boosting-state.js';

/**
 * Member's share of moving the rows of a node to its children's places on the other side, each child's in their old order.
 * How many go left is known from the histogram, so one or two members can work towards each other from both ends; more of
 * them count their shares first. The result is the same.
 */
export function partitionRows(state: BoostingState, routines: BoostingRoutines, member: number, size: number): void {
  const { task } = state;
  const [start, middle, end] = [task[TASK.start], task[TASK.middle], task[TASK.end]];
  const [from, to] = task[TASK.side] === 0 ? [state.order0, state.order1] : [state.order1, state.order0];
  const cut = (part: number) => start + Math.floor(((end - start) * part) / size);
  const rows: RowsToPart = { from, to, feature: task[TASK.feature], first: cut(member), last: cut(member + 1) };
  if (size <= 2) {
    if (member === 0) routines.partForward(rows, { left: start, right: middle });
    else routines.partBackward(rows, { left: middle, right: end });
    return;
  }
  state.shares[member] = routines.countLeft(rows);
  meet(state.meeting, size);
  let left = start;
  for (let before = 0; before < member; before++) left += state.shares[before];
  routines.partForward(rows, { left, right: middle + rows.first - left });
}
