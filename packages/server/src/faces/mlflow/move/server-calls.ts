import { setTimeout as sleep } from 'node:timers/promises';
import { moveErrors } from './move-errors.js';

export interface ServerCredentials {
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Requests to one MLflow server. */
export interface ServerCalls {
  readonly url: string;
  get(path: string, query: Readonly<Record<string, string | number>>): Promise<Json>;
  post(path: string, body: object): Promise<Json>;
  /** Undefined where the server has no such call: it is of an older version. */
  tryPost(path: string, body: object): Promise<Json | undefined>;
  download(path: string, query: Readonly<Record<string, string>>): AsyncIterable<Uint8Array>;
}

const MAX_ANSWER_BYTES = 256 << 20;
const TIMEOUT_MS = 120_000;
const RETRIES = 4;
const RETRIED = [429, 502, 503, 504];

export function createServerCalls(address: string, credentials: ServerCredentials, signal?: AbortSignal): ServerCalls {
  const url = withoutSecrets(address);
  const headers = { accept: 'application/json', ...authorization(address, credentials) };
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await attemptOnce(`${url}${path}`, { ...init, headers: { ...headers, ...init.headers } }, signal);
      const isLast = attempt === RETRIES;
      if (answer instanceof Response && (isLast || !RETRIED.includes(answer.status))) return answer;
      if (!(answer instanceof Response) && isLast) throw unreachable(url, answer.cause);
      if (answer instanceof Response) await answer.body?.cancel();
      await sleep(500 * 2 ** attempt, undefined, { ...(signal !== undefined && { signal }) });
    }
  };
  const json = async (path: string, init: RequestInit, isOptional = false): Promise<Json | undefined> => {
    const answer = await send(path, init);
    if (answer.ok) return readJson(answer, `${url}${path}`);
    if (isOptional && [404, 405, 501].includes(answer.status)) {
      await answer.body?.cancel();
      return undefined;
    }
    throw await refusal(answer, `${url}${path}`);
  };
  const post = (path: string, body: object, isOptional?: boolean) =>
    json(
      path,
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      isOptional,
    );
  return {
    url,
    get: async (path, query) => (await json(`${path}${queryOf(query)}`, { method: 'GET' })) as Json,
    post: async (path, body) => (await post(path, body)) as Json,
    tryPost: (path, body) => post(path, body, true),
    download: (path, query) => download(send, `${path}${queryOf(query)}`, url),
  };
}

async function* download(
  send: (path: string, init: RequestInit) => Promise<Response>,
  path: string,
  url: string,
): AsyncGenerator<Uint8Array> {
  const answer = await send(path, { method: 'GET', headers: { accept: '*/*' } });
  if (!answer.ok) throw await refusal(answer, `${url}${path}`);
  try {
    for await (const chunk of answer.body ?? []) yield chunk as Uint8Array;
  } catch (cause) {
    throw moveErrors.MOVE_UNREADABLE_FILE(`${url}${path} broke off: ${(cause as Error).message}.`, {
      data: { place: `${url}${path}` },
      cause,
    });
  }
}

async function attemptOnce(
  address: string,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response | { cause: unknown }> {
  // The limit is for the head of the answer: a large file may take longer.
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(new Error(`no answer in ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  try {
    const either = signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, signal]);
    return await fetch(address, { ...init, redirect: 'error', signal: either });
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    return { cause };
  } finally {
    clearTimeout(timer);
  }
}

async function readJson(answer: Response, place: string): Promise<Json> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk as Uint8Array);
    sizeBytes += (chunk as Uint8Array).length;
    if (sizeBytes > MAX_ANSWER_BYTES) {
      throw moveErrors.MOVE_TOO_LARGE(`The answer of ${place} has more than ${MAX_ANSWER_BYTES} bytes.`, {
        data: { place },
      });
    }
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // told below
  }
  throw moveErrors.MOVE_RECORD_BROKEN(`The answer of ${place} is no JSON object.`, { data: { place } });
}

async function refusal(answer: Response, place: string) {
  const text = (await answer.text().catch(() => '')).slice(0, 300);
  const details = { data: { place, status: answer.status } };
  if (answer.status === 401 || answer.status === 403) {
    return moveErrors.MOVE_SOURCE_REFUSED(`${place} answers ${answer.status}.`, details);
  }
  return moveErrors.MOVE_UNREADABLE_FILE(`${place} answers ${answer.status}: ${text || 'nothing'}.`, details);
}

function unreachable(url: string, cause: unknown) {
  const reason = (cause as { cause?: { code?: string } }).cause?.code ?? (cause as Error).message;
  return moveErrors.MOVE_SOURCE_UNREADABLE(`No server answers at ${url}: ${reason}.`, { data: { url, reason }, cause });
}

function queryOf(query: Readonly<Record<string, string | number>>): string {
  const text = new URLSearchParams(
    Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
  ).toString();
  return text === '' ? '' : `?${text}`;
}

function withoutSecrets(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

/** As MLflow's own client: a name and password win over a token, and may stand in the address. */
function authorization(address: string, { token, username, password }: ServerCredentials): Record<string, string> {
  const inAddress = new URL(address);
  const name = username ?? decodeURIComponent(inAddress.username);
  const secret = password ?? decodeURIComponent(inAddress.password);
  if (name !== '') return { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}` };
  return token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
}
