import { openTestSqlite } from '../../platform/db/testing.js';
import { describeLineage } from './lineage-store.contract.js';

describeLineage('SQLite', openTestSqlite);
