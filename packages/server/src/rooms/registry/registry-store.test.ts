import { openTestSqlite } from '../../platform/db/testing.js';
import { describeRegistryStore } from './registry-store.contract.js';
import { sqlRegistryStore } from './registry-store.sql.js';

describeRegistryStore('SQLite', { open: openTestSqlite, store: sqlRegistryStore });
