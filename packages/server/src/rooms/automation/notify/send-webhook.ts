import { postWebhook, requireSuccess } from './post-webhook.js';
import { signWebhook, type WebhookContent } from './sign-webhook.js';

export interface Webhook extends WebhookContent {
  readonly url: string;
  /** Absent: sent unsigned. */
  readonly secret?: string;
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

/**
 * Posts a Standard Webhook once and returns the status of the answer, 200 to 299.
 *
 * @throws AUTO_WEBHOOK_FORBIDDEN, AUTO_WEBHOOK_REFUSED, AUTO_WEBHOOK_FAILED, or the signal's reason
 */
export async function sendWebhook(webhook: Webhook): Promise<number> {
  const { url, id, timestampSeconds, body, secret, allowPrivate, signal } = webhook;
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    ...(secret !== undefined && { 'webhook-signature': signWebhook(secret, webhook) }),
  };
  return requireSuccess(url, await postWebhook(url, { headers, body, allowPrivate, signal }));
}
