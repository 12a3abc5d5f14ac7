import { openTestPostgres } from '../db/testing.js';
import { describeJobQueue } from './job-queue.contract.js';
import { describeJobWorkers } from './job-workers.contract.js';
import { describeSchedules } from './schedules.contract.js';

describeJobQueue('PostgreSQL', openTestPostgres);
describeJobWorkers('PostgreSQL', openTestPostgres);
describeSchedules('PostgreSQL', openTestPostgres);
