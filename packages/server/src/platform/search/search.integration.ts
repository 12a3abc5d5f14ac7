import { openTestPostgres } from '../db/testing.js';
import { describeSearch } from './search.contract.js';

describeSearch('PostgreSQL', openTestPostgres);
