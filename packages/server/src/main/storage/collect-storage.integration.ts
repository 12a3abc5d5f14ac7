import { openTestPostgres } from '../../platform/db/testing.js';
import { describeCollection } from './collect-storage.contract.js';

describeCollection('PostgreSQL', openTestPostgres);
