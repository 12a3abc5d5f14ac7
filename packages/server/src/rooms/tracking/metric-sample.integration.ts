import { openTestPostgres } from '../../platform/db/testing.js';
import { describeSampling } from './metric-sample.contract.js';

describeSampling('PostgreSQL', openTestPostgres);
