import { openTestPostgres } from '../../../platform/db/testing.js';
import { describeModels } from './models.contract.js';

describeModels('PostgreSQL', openTestPostgres);
