import { openTestSqlite } from '../../platform/db/testing.js';
import { describeRunSearch } from './run-search.contract.js';

describeRunSearch('SQLite', openTestSqlite);
