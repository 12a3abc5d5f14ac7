import { describeDb } from './db.contract.js';
import { openTestPostgres } from './testing.js';

describeDb('PostgreSQL', openTestPostgres);
