import { openTestSqlite } from '../../platform/db/testing.js';
import { describeCollection } from './collect-storage.contract.js';

describeCollection('SQLite', openTestSqlite);
