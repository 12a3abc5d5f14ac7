// @ts-check
// Fifty million points in 100,000 runs of 10,000 experiments. It takes most of an hour and 8 GiB of disk, so only when
// FAIRLEAD_BENCH_HUGE=yes asks for it.

import { measureHuge } from './tracking/measure-huge.mjs';

export async function bench() {
  return process.env.FAIRLEAD_BENCH_HUGE === 'yes' ? measureHuge() : [];
}
