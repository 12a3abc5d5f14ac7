import { openTestSqlite } from '../../../platform/db/testing.js';
import { describeOpenLineageStore } from './openlineage-store.contract.js';

describeOpenLineageStore('SQLite', openTestSqlite);
