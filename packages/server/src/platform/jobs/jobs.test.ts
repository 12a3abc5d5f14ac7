import { openTestSqlite } from '../db/testing.js';
import { describeJobQueue } from './job-queue.contract.js';
import { describeJobWorkers } from './job-workers.contract.js';
import { describeSchedules } from './schedules.contract.js';

describeJobQueue('SQLite', openTestSqlite);
describeJobWorkers('SQLite', openTestSqlite);
describeSchedules('SQLite', openTestSqlite);
