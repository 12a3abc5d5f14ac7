import { defineErrors } from '@fairlead/kernel';

export const fleetErrors = defineErrors('platform/fleet', {
  FLT_MEMBER_LOST: {
    status: 503,
    fault: 'system',
    title: 'A serving process ended before it had answered',
    remedy: 'Try again: another one has taken its place. If it happens again and again, its reason stands in the log.',
  },
  FLT_NOT_STARTED: {
    status: 503,
    fault: 'system',
    title: 'The serving processes could not be started',
    remedy: 'Look in the log for what they wrote; a port that is taken and too little memory are the usual reasons.',
  },
});
