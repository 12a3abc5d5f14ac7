import { defineErrors } from '@fairlead/kernel';

export const automationErrors = defineErrors('automation', {
  AUTO_RULE_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such rule',
    remedy: 'See GET /api/v1/rules for the names; rules are declared under `rules` of the project file.',
  },
  AUTO_RULE_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The rule cannot work as it is written',
    remedy: 'Correct the places named in the message and declare the rule again.',
  },
  AUTO_ACTION_RUN_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such action run',
    remedy: 'See GET /api/v1/action-runs for the ids.',
  },
  AUTO_EVENT_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'The ledger has no event with this number',
    remedy: 'See GET /api/v1/audit for the numbers (`seq`) of the events.',
  },
  AUTO_SUBSCRIPTION_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such webhook subscription',
    remedy: 'List the webhooks; one that was removed does not come back.',
  },
  AUTO_SUBSCRIPTION_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The webhook subscription contradicts itself',
    remedy: 'Correct what the message names; addresses are https unless webhookAllowPrivate is set.',
  },
  AUTO_SECRET_MISSING: {
    status: 409,
    fault: 'user',
    title: 'The secret of the webhook is not in the environment',
    remedy:
      'Set the named environment variable for the server, `whsec_` and base64 or plain text; nothing is sent unsigned.',
  },
  AUTO_SECRET_UNREADABLE: {
    status: 409,
    fault: 'user',
    title: 'The secret of the webhook subscription cannot be read any more',
    remedy:
      'Set the secret of the subscription again: identity-pepper in home, under which it was sealed, is another now.',
  },
  AUTO_WEBHOOK_FORBIDDEN: {
    status: 403,
    fault: 'user',
    title: 'The webhook leads to an address that may not be called',
    remedy: 'Use an http(s) address on a public network, or set webhookAllowPrivate when the receiver is inside.',
  },
  AUTO_WEBHOOK_REFUSED: {
    status: 409,
    fault: 'user',
    title: 'The receiver refused the webhook',
    remedy: 'Look at the receiver: it answered with the named status, which repeating does not change.',
  },
  AUTO_WEBHOOK_FAILED: {
    status: 502,
    fault: 'system',
    title: 'The webhook could not be delivered',
    remedy: 'Check that the receiver runs and answers within ten seconds; it is tried three times.',
  },
});
