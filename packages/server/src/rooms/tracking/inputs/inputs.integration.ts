import { openTestPostgres } from '../../../platform/db/testing.js';
import { describeInputs } from './inputs.contract.js';

describeInputs('PostgreSQL', openTestPostgres);
