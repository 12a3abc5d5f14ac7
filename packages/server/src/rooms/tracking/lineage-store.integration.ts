import { openTestPostgres } from '../../platform/db/testing.js';
import { describeLineage } from './lineage-store.contract.js';

describeLineage('PostgreSQL', openTestPostgres);
