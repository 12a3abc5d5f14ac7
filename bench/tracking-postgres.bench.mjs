// @ts-check
// The tracking bench with both servers on PostgreSQL, each with a database of its own at FAIRLEAD_TEST_POSTGRES_URL.

import { compareServers } from './tracking/compare-servers.mjs';

export function bench() {
  return compareServers('postgres');
}
