import { openTestSqlite } from '../../platform/db/testing.js';
import { describeSampling } from './metric-sample.contract.js';

describeSampling('SQLite', openTestSqlite);
