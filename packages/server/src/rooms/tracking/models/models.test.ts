import { openTestSqlite } from '../../../platform/db/testing.js';
import { describeModels } from './models.contract.js';

describeModels('SQLite', openTestSqlite);
