// Needs the PostgreSQL server of FAIRLEAD_TEST_POSTGRES_URL.
import { openTestPostgres } from '../db/testing.js';
import { describeIdempotency } from './idempotency.contract.js';

describeIdempotency('PostgreSQL', openTestPostgres);
