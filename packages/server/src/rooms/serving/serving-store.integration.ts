import { openTestPostgres } from '../../platform/db/testing.js';
import { describeServingStore } from './serving-store.contract.js';

describeServingStore('PostgreSQL', openTestPostgres);
