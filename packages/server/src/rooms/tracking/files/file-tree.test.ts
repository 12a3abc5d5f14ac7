import { openTestSqlite } from '../../../platform/db/testing.js';
import { describeFiles } from './file-tree.contract.js';

describeFiles('SQLite', openTestSqlite);
