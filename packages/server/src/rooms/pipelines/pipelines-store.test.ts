import { openTestSqlite } from '../../platform/db/testing.js';
import { describePipelines } from './pipelines-store.contract.js';

describePipelines('SQLite', openTestSqlite);
