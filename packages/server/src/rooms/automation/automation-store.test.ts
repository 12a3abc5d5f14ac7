import { openTestSqlite } from '../../platform/db/testing.js';
import { describeAutomationStore } from './automation-store.contract.js';
import { sqlAutomationStore } from './automation-store.sql.js';

describeAutomationStore('SQLite', { open: openTestSqlite, store: sqlAutomationStore });
