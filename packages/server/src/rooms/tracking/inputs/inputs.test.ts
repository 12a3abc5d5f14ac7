import { openTestSqlite } from '../../../platform/db/testing.js';
import { describeInputs } from './inputs.contract.js';

describeInputs('SQLite', openTestSqlite);
