import { openTestSqlite } from '../../platform/db/testing.js';
import { describeMonitoringStore } from './monitoring-store.contract.js';
import { sqlMonitoringStore } from './monitoring-store.sql.js';

describeMonitoringStore('SQLite', { open: openTestSqlite, store: sqlMonitoringStore });
