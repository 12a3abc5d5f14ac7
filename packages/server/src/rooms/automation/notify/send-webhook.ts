import { lookup } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isFairleadError, messageOf } from '@fairlead/kernel';
import { isPrivateAddress } from '../../data/index.js';
import { automationErrors } from '../automation-errors.js';
import { signWebhook, type WebhookContent } from './sign-webhook.js';

const TIME_LIMIT_MS = 10_000;
/** Of the answers that are no success, these may be one when asked again. */
const PASSING = new Set([408, 425, 429]);

export interface Webhook extends WebhookContent {
  readonly url: string;
  /** Absent: sent unsigned. */
  readonly secret?: string;
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

/**
 * Posts a Standard Webhook once and returns the status of the answer, 200 to 299. The name is resolved once and the
 * connection goes to the very address that was judged; redirects are not followed; the answer's body is not read.
 *
 * @throws AUTO_WEBHOOK_FORBIDDEN, AUTO_WEBHOOK_REFUSED, AUTO_WEBHOOK_FAILED, or the signal's reason
 */
export async function sendWebhook(webhook: Webhook): Promise<number> {
  const url = new URL(webhook.url);
  if (!/^https?:$/.test(url.protocol)) throw forbidden(url, 'only http and https are called');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !webhook.allowPrivate && isPrivateAddress(host)) throw forbidden(url, PRIVATE);
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const status = await post(url, webhook, AbortSignal.any([webhook.signal, limit])).catch((cause: unknown) => {
    if (webhook.signal.aborted) throw webhook.signal.reason;
    if (isFairleadError(cause)) throw cause;
    const why = limit.aborted ? `no answer within ${TIME_LIMIT_MS / 1_000} seconds` : messageOf(cause);
    throw automationErrors.AUTO_WEBHOOK_FAILED(`${url.origin} was not reached: ${why}.`, {
      data: { host: url.host },
      cause,
    });
  });
  if (status >= 200 && status < 300) return status;
  const make =
    status >= 500 || PASSING.has(status) ? automationErrors.AUTO_WEBHOOK_FAILED : automationErrors.AUTO_WEBHOOK_REFUSED;
  throw make(`${url.origin} answered with status ${status}.`, { data: { host: url.host, status } });
}

const PRIVATE = 'it is an address of this machine or of a private network';

function forbidden(url: URL, why: string) {
  return automationErrors.AUTO_WEBHOOK_FORBIDDEN(`${url.origin} is not called: ${why}.`, { data: { host: url.host } });
}

function post(url: URL, webhook: Webhook, signal: AbortSignal): Promise<number> {
  const { id, timestampSeconds, body, secret } = webhook;
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'fairlead',
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    ...(secret !== undefined && { 'webhook-signature': signWebhook(secret, webhook) }),
  };
  return new Promise((resolve, reject) => {
    // A connection of its own: one kept alive for the same name might lead to an address that was judged earlier.
    const options = { method: 'POST', headers, signal, agent: false as const, lookup: judgedLookup(url, webhook) };
    const sent = request(url, options, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Resolves a name and refuses it when any of its addresses is private, so that the name cannot change its mind. */
function judgedLookup(url: URL, { allowPrivate }: Webhook): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }).then(
      (found) => {
        const first = found[0];
        if (!allowPrivate && found.some(({ address }) => isPrivateAddress(address))) {
          done(forbidden(url, PRIVATE) as Error as NodeJS.ErrnoException, '');
        } else if (options.all === true) done(null, found);
        else done(null, first?.address ?? '', first?.family ?? 4);
      },
      (error: NodeJS.ErrnoException) => done(error, ''),
    );
  };
}
