import { openTestSqlite } from '../../platform/db/testing.js';
import { describeServingStore } from './serving-store.contract.js';

describeServingStore('SQLite', openTestSqlite);
