import { openTestPostgres } from '../../platform/db/testing.js';
import { describeRegistryStore } from './registry-store.contract.js';
import { sqlRegistryStore } from './registry-store.sql.js';

describeRegistryStore('PostgreSQL', { open: openTestPostgres, store: sqlRegistryStore });
