import { openTestPostgres } from '../../../platform/db/testing.js';
import { describeFiles } from './file-tree.contract.js';

describeFiles('PostgreSQL', openTestPostgres);
