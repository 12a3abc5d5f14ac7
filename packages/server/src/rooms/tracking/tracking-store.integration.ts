import { openTestPostgres } from '../../platform/db/testing.js';
import { describeTracking } from './tracking-store.contract.js';

describeTracking('PostgreSQL', openTestPostgres);
