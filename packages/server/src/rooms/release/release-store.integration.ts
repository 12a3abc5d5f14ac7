import { openTestPostgres } from '../../platform/db/testing.js';
import { describeReleaseStore } from './release-store.contract.js';
import { sqlReleaseStore } from './release-store.sql.js';

describeReleaseStore('PostgreSQL', { open: openTestPostgres, store: sqlReleaseStore });
