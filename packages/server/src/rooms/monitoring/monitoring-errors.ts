import { defineErrors } from '@fairlead/kernel';

export const monitoringErrors = defineErrors('monitoring', {
  MON_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such monitor',
    remedy: 'List monitors with `fairlead monitor list`.',
  },
  MON_REPORT_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such monitoring report',
    remedy: 'List the reports of a monitor with `fairlead monitor reports NAME`.',
  },
  MON_ALERT_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such alert',
    remedy: 'List alerts with `fairlead alert list`.',
  },
  MON_ALERT_RESOLVED: {
    status: 409,
    fault: 'user',
    title: 'The alert is resolved already',
    remedy: 'Nothing needs to be done: what it found is gone.',
  },
  MON_SPEC_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The monitor contradicts itself',
    remedy: 'Correct the member named in the message.',
  },
  MON_NOT_ROUTED: {
    status: 409,
    fault: 'user',
    title: 'The endpoint serves nothing in this environment',
    remedy: 'Release or deploy a version first; a monitor compares what a live version was asked.',
  },
  MON_NO_REFERENCE: {
    status: 409,
    fault: 'user',
    title: 'The version has no training rows to compare with',
    remedy:
      'Its rows stayed where it was trained. Train it here from a dataset version, or watch its performance by posting truth.',
  },
  MON_TRUTH_LABEL: {
    status: 400,
    fault: 'user',
    title: 'The truth is no label of the model',
    remedy: 'Post one of the labels that the message lists; the case counts.',
  },
});
