import { openTestPostgres } from '../../../platform/db/testing.js';
import { describeOpenLineageStore } from './openlineage-store.contract.js';

describeOpenLineageStore('PostgreSQL', openTestPostgres);
