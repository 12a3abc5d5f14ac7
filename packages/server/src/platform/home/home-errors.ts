import { defineErrors } from '@fairlead/kernel';

export const homeErrors = defineErrors('platform/home', {
  HOME_LOCKED: {
    status: 409,
    fault: 'user',
    title: 'Another Fairlead server uses this home folder',
    remedy: 'Stop that server, or give this one another folder with --home.',
  },
  HOME_UNUSABLE: {
    status: 400,
    fault: 'user',
    title: 'The home folder cannot be used',
    remedy: 'Give a folder that this user may write to, on a disk with free space.',
  },
});
