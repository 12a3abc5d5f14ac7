import { defineErrors } from '@fairlead/kernel';

export const governanceErrors = defineErrors('governance', {
  GOV_CHECKPOINT_INCOMPLETE: {
    status: 400,
    fault: 'user',
    title: 'A checkpoint has two parts',
    remedy: 'Send both `entries` and `headHash` as an earlier verification gave them, or neither.',
  },
});
