import { openTestSqlite } from '../db/testing.js';
import { describeIdempotency } from './idempotency.contract.js';

describeIdempotency('SQLite', openTestSqlite);
