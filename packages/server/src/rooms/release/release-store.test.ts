import { openTestSqlite } from '../../platform/db/testing.js';
import { describeReleaseStore } from './release-store.contract.js';
import { sqlReleaseStore } from './release-store.sql.js';

describeReleaseStore('SQLite', { open: openTestSqlite, store: sqlReleaseStore });
