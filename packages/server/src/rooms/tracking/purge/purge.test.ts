import { openTestSqlite } from '../../../platform/db/testing.js';
import { describePurge } from './purge.contract.js';

describePurge('SQLite', openTestSqlite);
