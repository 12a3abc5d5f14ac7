import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { messageOf } from '@fairlead/kernel';
import { judgedLookup, refusesAddress } from '../../outgoing/index.js';
import { inferenceErrors } from '../inference-errors.js';

export interface ServerOptions {
  /** http or https, without a path of its own or with the one below which the protocol is spoken. */
  readonly url: URL;
  /** Whether it may be on this machine or in a private network. */
  readonly allowPrivate: boolean;
  /** Connections at once, kept alive. */
  readonly connections: number;
  readonly timeoutMs: number;
}

export interface ServerAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const MAX_ANSWER_BYTES = 256 * 2 ** 20;

/** Calls one server over connections that stay open. */
export class ModelServerClient {
  readonly #options: ServerOptions;
  readonly #agent: HttpAgent;

  constructor(options: ServerOptions) {
    this.#options = options;
    const { connections, url, allowPrivate } = options;
    const agentOptions = { keepAlive: true, maxSockets: connections, lookup: judgedLookup(allowPrivate) };
    this.#agent = url.protocol === 'https:' ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  }

  /** @throws INF_REMOTE_FORBIDDEN, INF_REMOTE_UNREACHABLE, INF_RUN_TIMEOUT, INF_REMOTE_ANSWER */
  async call(path: string, post?: { body: Buffer; headers: Record<string, string> }): Promise<ServerAnswer> {
    const { url, allowPrivate } = this.#options;
    if (refusesAddress(url, allowPrivate)) {
      throw inferenceErrors.INF_REMOTE_FORBIDDEN(`${url.origin} may not be called.`, { data: { url: url.origin } });
    }
    try {
      return await this.#once(path, post);
    } catch (error) {
      // The server closed a kept connection before it saw the request: nothing was computed.
      if (!(error instanceof UnseenError)) throw error;
      return this.#once(path, post).catch((again) => {
        throw again instanceof UnseenError ? unreachable(url, again.cause) : again;
      });
    }
  }

  get url(): URL {
    return this.#options.url;
  }

  close(): void {
    this.#agent.destroy();
  }

  #once(path: string, post?: { body: Buffer; headers: Record<string, string> }): Promise<ServerAnswer> {
    const { url, timeoutMs } = this.#options;
    const target = new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url);
    const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const limit = AbortSignal.timeout(timeoutMs);
    return new Promise((resolve, reject) => {
      const sent = request(
        target,
        {
          method: post === undefined ? 'GET' : 'POST',
          agent: this.#agent,
          signal: limit,
          headers: {
            'user-agent': 'fairlead',
            ...post?.headers,
            ...(post && { 'content-length': post.body.byteLength }),
          },
        },
        (answer) => {
          readBody(answer).then(
            (body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }),
            (cause) => reject(limit.aborted ? late(url, timeoutMs) : isCoded(cause) ? cause : unreachable(url, cause)),
          );
        },
      );
      sent.on('error', (cause: NodeJS.ErrnoException) => {
        if (limit.aborted) reject(late(url, timeoutMs));
        else if (sent.reusedSocket && cause.code === 'ECONNRESET') reject(new UnseenError('reset', { cause }));
        else reject(unreachable(url, cause));
      });
      sent.end(post?.body);
    });
  }
}

class UnseenError extends Error {}

const isCoded = (error: unknown) => error instanceof Error && 'code' in error && String(error.code).startsWith('INF_');

async function readBody(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += (chunk as Buffer).byteLength;
    if (size > MAX_ANSWER_BYTES) {
      answer.destroy();
      throw inferenceErrors.INF_REMOTE_ANSWER('The answer of the model server is larger than 256 MiB.');
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function late({ origin }: URL, timeoutMs: number): Error {
  return inferenceErrors.INF_RUN_TIMEOUT(`The model server at ${origin} did not answer within ${timeoutMs} ms.`, {
    data: { url: origin, limitMs: timeoutMs, retryAfterSeconds: 1 },
  });
}

function unreachable({ origin }: URL, cause: unknown): Error {
  return inferenceErrors.INF_REMOTE_UNREACHABLE(`The model server at ${origin} is not reached: ${messageOf(cause)}.`, {
    cause,
    data: { url: origin, retryAfterSeconds: 1 },
  });
}
