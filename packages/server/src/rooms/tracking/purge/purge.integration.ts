import { openTestPostgres } from '../../../platform/db/testing.js';
import { describePurge } from './purge.contract.js';

describePurge('PostgreSQL', openTestPostgres);
