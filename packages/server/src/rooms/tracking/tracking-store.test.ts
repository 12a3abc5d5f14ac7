import { openTestSqlite } from '../../platform/db/testing.js';
import { describeTracking } from './tracking-store.contract.js';

describeTracking('SQLite', openTestSqlite);
