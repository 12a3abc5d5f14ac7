// @ts-check
// Fairlead's face of MLflow's API beside the real `mlflow server`, both on SQLite: the same requests by the same program on
// the same machine, in turns. FAIRLEAD_BENCH_POINTS=50 writes 50 million rows of metrics instead of 5 million.

import { compareServers } from './tracking/compare-servers.mjs';

export function bench() {
  return compareServers('sqlite');
}
