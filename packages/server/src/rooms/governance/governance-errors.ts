import { defineErrors } from '@fairlead/kernel';

export const governanceErrors = defineErrors('governance', {
  GOV_CHECKPOINT_INCOMPLETE: {
    status: 400,
    fault: 'user',
    title: 'A checkpoint has two parts',
    remedy: 'Send both `entries` and `headHash` as an earlier verification gave them, or neither.',
  },
  GOV_LINEAGE_EVENT_INVALID: {
    status: 400,
    fault: 'user',
    title: 'This is no OpenLineage event',
    remedy:
      'Send RunEvents, JobEvents or DatasetEvents of OpenLineage 2-0-2; `issues` says what is wrong where. Nothing was stored.',
  },
  GOV_LINEAGE_TOO_MANY: {
    status: 413,
    fault: 'user',
    title: 'More events at once than are taken',
    remedy: 'Send at most `limit` events in one request. Nothing was stored.',
  },
  GOV_LINEAGE_NOT_DELIVERED: {
    status: 502,
    fault: 'system',
    title: 'The receiver did not take our lineage',
    remedy:
      'Check openlineage.url, its key and the receiver; what waits is sent in order as soon as it answers. A receiver on this machine or a private network needs webhookAllowPrivate.',
  },
});
