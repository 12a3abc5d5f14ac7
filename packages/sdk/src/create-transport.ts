import { sleep } from '@fairlead/kernel';
import type { CallInput, Download, Transport } from './call-types.js';
import { OPERATIONS, type Operation, type OperationId } from './operations.js';
import { readApiError } from './read-api-error.js';
import { retryDelayMs } from './retry-rules.js';
import { sdkErrors } from './sdk-errors.js';
import { pathOf, queryOf } from './write-address.js';

export interface ClientOptions {
  /** Default http://127.0.0.1:4600. */
  readonly url?: string;
  readonly token?: string;
  /** In place of the global fetch. */
  readonly fetch?: typeof globalThis.fetch;
  readonly userAgent?: string;
  /** Limit of one request. Default 120 000; waiting calls add their wait. */
  readonly timeoutMs?: number;
  /** How often GET, PUT and DELETE are sent again when nobody listens or the server asks for patience. Default 3. */
  readonly maxRetries?: number;
}

const DEFAULT_URL = 'http://127.0.0.1:4600';

/** Sends operations over fetch: addresses, credentials, time limits, retries and errors in one place. */
export function createTransport(options: ClientOptions = {}): Transport {
  const url = baseUrl(options.url ?? DEFAULT_URL);
  const send = async (id: OperationId, input: CallInput, accept: string): Promise<Response> => {
    const operation: Operation = OPERATIONS[id];
    const address = `${url}${pathOf(operation.path, input.params ?? {})}${queryOf(input.query ?? {})}`;
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await attemptOnce(address, operation, { input, accept, options });
      const delayMs = retryDelayMs(outcome, { method: operation.method, attempt, maxRetries: options.maxRetries ?? 3 });
      if (delayMs !== null && input.bytes === undefined) {
        if (outcome.kind === 'answer') await outcome.response.body?.cancel();
        await sleep(delayMs, input.signal);
        continue;
      }
      if (outcome.kind === 'unreachable') throw unreachable(url, outcome.cause);
      if (!outcome.response.ok) throw await readApiError(outcome.response);
      return outcome.response;
    }
  };
  return {
    url,
    json: async <T>(id: OperationId, input: CallInput = {}) => readJson<T>(await send(id, input, 'application/json')),
    text: async (id, input = {}) => (await send(id, input, '*/*')).text(),
    download: async (id, input = {}) => presentDownload(await send(id, input, '*/*')),
  };
}

type Outcome =
  | {
      readonly kind: 'answer';
      readonly response: Response;
      readonly status: number;
      readonly retryAfter: string | null;
    }
  | { readonly kind: 'unreachable'; readonly cause: unknown; readonly refused: boolean };

interface Attempt {
  readonly input: CallInput;
  readonly accept: string;
  readonly options: ClientOptions;
}

async function attemptOnce(
  address: string,
  operation: Operation,
  { input, accept, options }: Attempt,
): Promise<Outcome> {
  const timeoutMs = input.timeoutMs ?? options.timeoutMs ?? 120_000;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = input.signal === undefined ? timeout : AbortSignal.any([timeout, input.signal]);
  try {
    const response = await (options.fetch ?? globalThis.fetch)(address, {
      method: operation.method,
      headers: headersOf(input, accept, options),
      signal,
      redirect: 'error',
      ...bodyOf(input),
    });
    return { kind: 'answer', response, status: response.status, retryAfter: response.headers.get('retry-after') };
  } catch (cause) {
    if (input.signal?.aborted) throw input.signal.reason;
    if (timeout.aborted) {
      throw sdkErrors.SDK_REQUEST_TIMEOUT(`${operation.method} ${address} took more than ${timeoutMs} ms.`, { cause });
    }
    return { kind: 'unreachable', cause, refused: codeOf(cause) === 'ECONNREFUSED' };
  }
}

function headersOf(input: CallInput, accept: string, { token, userAgent }: ClientOptions): Record<string, string> {
  return {
    accept,
    'user-agent': userAgent ?? 'fairlead-sdk',
    ...(token !== undefined && token !== '' && { authorization: `Bearer ${token}` }),
    ...(input.body !== undefined && { 'content-type': 'application/json' }),
    ...(input.bytes !== undefined && { 'content-type': 'application/octet-stream' }),
    ...input.headers,
  };
}

function bodyOf({ body, bytes }: CallInput): RequestInit {
  if (body !== undefined) return { body: JSON.stringify(body) };
  if (bytes === undefined) return {};
  // A stream's length is not known before: fetch asks for `duplex` to send it while it is read.
  return { body: bytes as unknown as NonNullable<RequestInit['body']>, duplex: 'half' } as RequestInit;
}

async function readJson<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (text === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw sdkErrors.SDK_BAD_ANSWER(`The answer of ${response.url} is no JSON.`, { cause });
  }
}

function presentDownload(response: Response): Download {
  const length = response.headers.get('content-length');
  const tag = /^"([0-9a-f]{64})"$/.exec(response.headers.get('etag') ?? '');
  return {
    stream: response.body ?? new ReadableStream({ start: (controller) => controller.close() }),
    sizeBytes: length === null ? null : Number(length),
    contentType: response.headers.get('content-type') ?? 'application/octet-stream',
    digest: tag?.[1] ?? null,
  };
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw sdkErrors.SDK_BAD_URL(`'${text}' is no http address.`, { data: { url: text } });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** undici hides the reason of a failed connection in the cause, sometimes as one of several attempts. */
function codeOf(error: unknown): string | undefined {
  const { code, cause, errors } = error as { code?: string; cause?: unknown; errors?: unknown[] };
  if (typeof code === 'string') return code;
  if (cause !== undefined) return codeOf(cause);
  return errors?.[0] === undefined ? undefined : codeOf(errors[0]);
}

function unreachable(url: string, cause: unknown) {
  const code = codeOf(cause);
  const why = code === 'ECONNREFUSED' ? 'nothing listens there' : (code ?? (cause as Error).message);
  return sdkErrors.SDK_UNREACHABLE(`No Fairlead server answers at ${url}: ${why}.`, {
    data: { url, reason: code ?? null },
    cause,
  });
}
