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
    drawWithReplacement(draws, rng, counts);
    return;
  }
  // Floyd's sampling: one draw for each row wanted, whatever their share.
  for (let j = rowCount - draws; j < rowCount; j++) {
    const row = Math.floor(rng.next() * (j + 1));
    counts[counts[row] === 0 ? row : j] = 1;
  }
}

/**
 * The generator of createRng (sfc32) in local variables: through closures a million draws took longer than two levels of a
 * tree. No rejection: the bias of n / 2³² is beyond notice.
 */
function drawWithReplacement(draws: number, rng: Rng, counts: Uint8Array): void {
  const scale = counts.length / 2 ** 32;
  let a = rng.int(2 ** 32) | 0;
  let b = rng.int(2 ** 32) | 0;
  let c = rng.int(2 ** 32) | 0;
  let counter = 1;
  for (let i = -12; i < draws; i++) {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    if (i < 0) continue;
    const row = ((t >>> 0) * scale) | 0;
    if (counts[row] < 255) counts[row]++;
  }
}
