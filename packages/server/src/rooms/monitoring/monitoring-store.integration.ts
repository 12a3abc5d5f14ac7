import { openTestPostgres } from '../../platform/db/testing.js';
import { describeMonitoringStore } from './monitoring-store.contract.js';
import { sqlMonitoringStore } from './monitoring-store.sql.js';

describeMonitoringStore('PostgreSQL', { open: openTestPostgres, store: sqlMonitoringStore });
