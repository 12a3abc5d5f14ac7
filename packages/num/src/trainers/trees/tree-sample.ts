import type { Rng } from '../../random/rng.js';
import type { TreeTask } from './tree-task.js';

/**
 * How often each row is drawn for a tree. Bootstrap: `draws` times with replacement; else `draws` distinct rows, all when
 * there are that many. Counts above 255 cannot be: that many of n draws on one row has no probability worth a number,
 * except for a handful of rows, where the surplus is dropped.
 */
export function drawRows(task: TreeTask, rng: Rng, counts: Uint8Array): void {
  const { rowCount, draws } = task;
  if (!task.bootstrap && draws === rowCount) {
    counts.fill(1);
    return;
  }
  counts.fill(0);
  if (task.bootstrap) {
    // Not rng.int: its check and its division cost more than the draw; the bias of n / 2³² is beyond notice.
    for (let i = 0; i < draws; i++) {
      const row = Math.floor(rng.next() * rowCount);
      if (counts[row] < 255) counts[row]++;
    }
    return;
  }
  // Floyd's sampling: one draw for each row wanted, whatever their share.
  for (let j = rowCount - draws; j < rowCount; j++) {
    const row = Math.floor(rng.next() * (j + 1));
    counts[counts[row] === 0 ? row : j] = 1;
  }
}
