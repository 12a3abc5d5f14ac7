import { openTestPostgres } from '../db/testing.js';
import { describeIdentity } from './identity.contract.js';

describeIdentity('PostgreSQL', openTestPostgres);
