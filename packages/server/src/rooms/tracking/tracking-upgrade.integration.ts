import { openTestPostgres } from '../../platform/db/testing.js';
import { describeUpgrade } from './tracking-upgrade.contract.js';

describeUpgrade('PostgreSQL', openTestPostgres);
