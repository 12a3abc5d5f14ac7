import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { messageOf } from '@fairlead/kernel';
import { isPrivateAddress } from './address-rules.js';

/** Of the answers that are no success, these may be one when asked again. */
const PASSING = new Set([408, 425, 429]);
const PRIVATE = 'it is an address of this machine or of a private network';

export interface OutgoingPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether loopback and private networks may be reached. */
  readonly allowPrivate: boolean;
  readonly timeLimitMs: number;
  readonly signal: AbortSignal;
  /** How much of the answer's text is wanted, in bytes; absent: none of it, and it is not read. */
  readonly answerBytes?: number;
}

/** What became of a request: `failed` may be another outcome next time, `refused` and `forbidden` will not. */
export type PostOutcome =
  | { readonly kind: 'accepted' | 'refused' | 'failed'; readonly status: number; readonly text: string }
  | { readonly kind: 'unreached' | 'forbidden'; readonly why: string; readonly cause?: unknown };

/**
 * Posts once. The name is resolved once and the connection goes to the very address that was judged; redirects are not
 * followed. Rejects only with the signal's reason.
 */
export async function postOnce(post: OutgoingPost): Promise<PostOutcome> {
  const { url, signal, timeLimitMs } = post;
  if (!/^https?:$/.test(url.protocol)) return { kind: 'forbidden', why: 'only http and https are called' };
  if (refusesAddress(url, post.allowPrivate)) return { kind: 'forbidden', why: PRIVATE };
  const limit = AbortSignal.timeout(timeLimitMs);
  try {
    const { status, text } = await send(post, AbortSignal.any([signal, limit]));
    if (status >= 200 && status < 300) return { kind: 'accepted', status, text };
    return { kind: status >= 500 || PASSING.has(status) ? 'failed' : 'refused', status, text };
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (cause instanceof PrivateNameError) return { kind: 'forbidden', why: PRIVATE };
    const why = limit.aborted ? `no answer within ${timeLimitMs / 1_000} seconds` : messageOf(cause);
    return { kind: 'unreached', why, cause };
  }
}

/** True for a URL whose host is a private address by itself; names are judged when they are resolved. */
export function refusesAddress({ hostname }: URL, allowPrivate: boolean): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && !allowPrivate && isPrivateAddress(host);
}

class PrivateNameError extends Error {}

function send(
  { url, headers, body, allowPrivate, answerBytes = 0 }: OutgoingPost,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const all = { 'content-length': Buffer.byteLength(body), 'user-agent': 'fairlead', ...headers };
  return new Promise((resolve, reject) => {
    // A connection of its own: one kept alive for the same name might lead to an address that was judged earlier.
    const options = { method: 'POST', headers: all, signal, agent: false as const, lookup: judgedLookup(allowPrivate) };
    const sent = request(url, options, (answer) => {
      readText(answer, answerBytes).then((text) => resolve({ status: answer.statusCode ?? 0, text }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function readText(answer: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  if (most > 0) {
    let size = 0;
    for await (const chunk of answer) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).byteLength;
      if (size >= most) break;
    }
  }
  answer.destroy();
  return Buffer.concat(chunks).subarray(0, most).toString('utf8');
}

/** Resolves a name and refuses it when any of its addresses is private, so that the name cannot change its mind. */
export function judgedLookup(allowPrivate: boolean): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }).then(
      (found) => {
        const first = found[0];
        if (!allowPrivate && found.some(({ address }) => isPrivateAddress(address))) {
          done(new PrivateNameError(PRIVATE) as NodeJS.ErrnoException, '');
        } else if (options.all === true) done(null, found);
        else done(null, first?.address ?? '', first?.family ?? 4);
      },
      (error: NodeJS.ErrnoException) => done(error, ''),
    );
  };
}
