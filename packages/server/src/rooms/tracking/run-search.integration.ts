import { openTestPostgres } from '../../platform/db/testing.js';
import { describeRunSearch } from './run-search.contract.js';

describeRunSearch('PostgreSQL', openTestPostgres);
