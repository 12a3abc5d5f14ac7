import { defineErrors } from '@fairlead/kernel';

export const configErrors = defineErrors('platform/config', {
  CFG_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The configuration has an unknown key or a wrong value',
    remedy: 'Correct the named keys; docs/reference/config.md lists every key with its values and its default.',
  },
});
