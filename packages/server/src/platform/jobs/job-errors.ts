import { defineErrors } from '@fairlead/kernel';

export const jobErrors = defineErrors('platform/jobs', {
  JOB_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such job',
    remedy: 'List the jobs and use one of their ids.',
  },
  JOB_DUPLICATE_HANDLER: {
    status: 500,
    fault: 'system',
    title: 'Two handlers for one kind of job',
    remedy: 'Register each kind of job once, where the server is composed.',
  },
  JOB_TIMED_OUT: {
    status: 504,
    fault: 'system',
    title: 'The run took longer than its time limit',
    remedy: 'Raise timeoutMs, or make the job smaller.',
  },
  JOB_WORKER_LOST: {
    status: 500,
    fault: 'system',
    title: 'The workers of the job kept disappearing',
    remedy:
      'Look for what ends the process while this job runs (memory is the usual reason), then start the job again.',
  },
  JOB_LEASE_LOST: {
    status: 409,
    fault: 'system',
    title: 'Another worker took the job over',
    remedy: 'Nothing to do: the other worker finishes the job and this run is discarded.',
  },
  JOB_CANCELLED: {
    status: 409,
    fault: 'user',
    title: 'The job was cancelled',
    remedy: 'Start the job again if it is still wanted.',
  },
  JOB_SHUTDOWN: {
    status: 503,
    fault: 'system',
    title: 'The server is stopping',
    remedy: 'Nothing to do: the job goes back to the queue and runs again after the start.',
  },
  JOB_SCHEDULE_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The schedule cannot be understood',
    remedy: 'Use five cron fields (minute hour day month weekday) and an IANA time zone such as Europe/Oslo.',
  },
});
