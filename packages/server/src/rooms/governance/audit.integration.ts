import { openTestPostgres } from '../../platform/db/testing.js';
import { describeAudit } from './audit.contract.js';

describeAudit('PostgreSQL', openTestPostgres);
