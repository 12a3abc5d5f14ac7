import { openTestPostgres } from '../../../platform/db/testing.js';
import { describeImports } from './imports.contract.js';

describeImports('PostgreSQL', openTestPostgres);
