import { openTestPostgres } from '../../platform/db/testing.js';
import { describeAutomationStore } from './automation-store.contract.js';
import { sqlAutomationStore } from './automation-store.sql.js';

describeAutomationStore('PostgreSQL', { open: openTestPostgres, store: sqlAutomationStore });
