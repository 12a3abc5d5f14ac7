import { defineEvent } from '@fairlead/kernel';
import type { JobError } from './job-types.js';

export const jobFailed = defineEvent<{ kind: string; failures: number; losses: number; error: JobError }>(
  'job.failed',
  'A background job failed for good',
);

export const jobCancelled = defineEvent<{ kind: string; wasRunning: boolean }>(
  'job.cancelled',
  'A background job was cancelled',
);
