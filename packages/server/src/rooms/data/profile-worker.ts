import type { Table } from '@fairlead/frame';
import { profileTable, type TableProfile } from '@fairlead/num';
import { serveThread } from '../../platform/compute/index.js';

// Entry of the profiling thread: pure JavaScript, so it may be ended at any time.
serveThread<Table, TableProfile>((table) => profileTable(table));
