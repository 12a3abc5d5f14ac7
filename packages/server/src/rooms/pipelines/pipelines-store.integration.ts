import { openTestPostgres } from '../../platform/db/testing.js';
import { describePipelines } from './pipelines-store.contract.js';

describePipelines('PostgreSQL', openTestPostgres);
