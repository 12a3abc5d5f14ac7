import { type OutgoingPost, type PostOutcome, postOnce } from '../../../platform/outgoing/index.js';
import { automationErrors } from '../automation-errors.js';

const TIME_LIMIT_MS = 10_000;

/** Posts a JSON text once, wherever it may lead. Rejects only with the signal's reason. */
export function postWebhook(
  address: string,
  { headers, ...post }: Omit<OutgoingPost, 'url' | 'timeLimitMs'>,
): Promise<PostOutcome> {
  const all = { 'content-type': 'application/json', ...headers };
  return postOnce({ ...post, url: new URL(address), headers: all, timeLimitMs: TIME_LIMIT_MS });
}

/** @throws AUTO_WEBHOOK_FORBIDDEN, AUTO_WEBHOOK_REFUSED, AUTO_WEBHOOK_FAILED for everything that is no success */
export function requireSuccess(address: string, outcome: PostOutcome): number {
  const { host, origin } = new URL(address);
  const data = { host };
  switch (outcome.kind) {
    case 'accepted':
      return outcome.status;
    case 'forbidden':
      throw automationErrors.AUTO_WEBHOOK_FORBIDDEN(`${origin} is not called: ${outcome.why}.`, { data });
    case 'unreached':
      throw automationErrors.AUTO_WEBHOOK_FAILED(`${origin} was not reached: ${outcome.why}.`, {
        data,
        cause: outcome.cause,
      });
    default: {
      const make =
        outcome.kind === 'failed' ? automationErrors.AUTO_WEBHOOK_FAILED : automationErrors.AUTO_WEBHOOK_REFUSED;
      throw make(`${origin} answered with status ${outcome.status}.`, { data: { ...data, status: outcome.status } });
    }
  }
}
