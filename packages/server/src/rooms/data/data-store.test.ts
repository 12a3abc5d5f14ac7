import { openTestSqlite } from '../../platform/db/testing.js';
import { describeDataStore } from './data-store.contract.js';

describeDataStore('SQLite', openTestSqlite);
