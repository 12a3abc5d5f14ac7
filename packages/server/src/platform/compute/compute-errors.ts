import { defineErrors } from '@fairlead/kernel';

export const computeErrors = defineErrors('platform/compute', {
  CMP_THREAD_FAILED: {
    status: 500,
    fault: 'system',
    title: 'A computation failed in its thread',
    remedy: 'Look for the error id in the log; run it again when the cause is gone.',
  },
  CMP_THREAD_LOST: {
    status: 503,
    fault: 'system',
    title: 'A computation’s thread ended without an answer',
    remedy: 'Run it again; if it ends again, give the process more memory or the computation less data.',
  },
  CMP_PROCESS_LOST: {
    status: 503,
    fault: 'system',
    title: 'A computation’s process ended without an answer',
    remedy: 'Run it again; if it ends again, look whether the machine runs out of memory.',
  },
});
