import { openTestSqlite } from '../../../platform/db/testing.js';
import { describeImports } from './imports.contract.js';

describeImports('SQLite', openTestSqlite);
