import { lookup } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { messageOf } from '@fairlead/kernel';
import type { ObjectRef, ObjectStore } from '../../platform/objects/index.js';
import { isPrivateAddress } from '../../platform/outgoing/index.js';
import { dataErrors } from './data-errors.js';

const MAX_REDIRECTS = 5;
const CONNECT_TIMEOUT_MS = 30_000;

/** The part of fetch that is used here. Must not follow redirects by itself when asked for `manual`. */
export type Fetch = (
  url: string,
  init: { readonly redirect: 'manual'; readonly signal?: AbortSignal | null; readonly headers: Record<string, string> },
) => Promise<Response>;

export interface FetchSourceDeps {
  readonly objects: ObjectStore;
  readonly allowPrivateUrls: boolean;
  readonly maxSourceBytes: number;
  readonly fetch?: Fetch;
}

export interface FetchedSource extends ObjectRef {
  /** Last part of the address it finally came from. */
  readonly name: string;
  readonly contentType: string;
}

/**
 * Streams an http(s) address into the object store. Every hop of a redirect is judged like the first address, and the
 * connection is made to the very address that was judged, so that a name cannot change its mind in between.
 *
 * @throws DATA_URL_FORBIDDEN, DATA_URL_FAILED, OBJ_TOO_LARGE, or the signal's reason
 */
export async function fetchSource(
  deps: FetchSourceDeps,
  address: string,
  signal?: AbortSignal,
): Promise<FetchedSource> {
  let url = parseUrl(address);
  const get = deps.fetch ?? pinnedFetch(deps.allowPrivateUrls);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    await checkUrl(url, deps.allowPrivateUrls);
    const response = await get(url.href, { redirect: 'manual', signal: signal ?? null, headers: HEADERS }).catch(
      (cause: unknown) => Promise.reject(failed(url, cause, signal)),
    );
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      url = parseUrl(new URL(location, url).href);
      continue;
    }
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw dataErrors.DATA_URL_FAILED(`${url.origin} answered with status ${response.status}.`, {
        data: { status: response.status, host: url.host },
      });
    }
    const ref = await store(deps, response, { url, signal });
    const name = decodeName(url.pathname.split('/').pop() ?? '');
    return { ...ref, name, contentType: response.headers.get('content-type') ?? '' };
  }
  throw dataErrors.DATA_URL_FAILED(`${address} redirects more than ${MAX_REDIRECTS} times.`, {
    data: { maxRedirects: MAX_REDIRECTS },
  });
}

const HEADERS = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'fairlead' };

async function store(
  { objects, maxSourceBytes }: FetchSourceDeps,
  response: Response,
  { url, signal }: { url: URL; signal: AbortSignal | undefined },
): Promise<ObjectRef> {
  const body = response.body as ReadableStream<Uint8Array>;
  const announced = response.headers.get('content-length');
  try {
    const ref = await objects.putStream(body, { maxBytes: maxSourceBytes });
    if (
      announced !== null &&
      response.headers.get('content-encoding') === null &&
      ref.sizeBytes !== Number(announced)
    ) {
      throw new Error(`${ref.sizeBytes} bytes came instead of ${announced}`);
    }
    return ref;
  } catch (error) {
    if (String((error as { code?: unknown }).code).startsWith('OBJ_')) throw error;
    throw failed(url, error, signal);
  }
}

function failed(url: URL, cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if ((cause as { code?: unknown } | undefined)?.code === 'DATA_URL_FORBIDDEN') return cause;
  return dataErrors.DATA_URL_FAILED(`${url.origin} did not deliver: ${messageOf(cause)}`, {
    data: { host: url.host },
    cause,
  });
}

/** @throws DATA_URL_FORBIDDEN, or DATA_URL_FAILED for a host without an address */
export function checkAddress(address: string, allowPrivate: boolean): Promise<void> {
  return checkUrl(parseUrl(address), allowPrivate);
}

function parseUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw dataErrors.DATA_URL_FORBIDDEN('Only http and https addresses without a name and password are sources.', {
      data: { scheme: url?.protocol ?? null },
    });
  }
  return url;
}

async function checkUrl(url: URL, allowPrivate: boolean): Promise<void> {
  if (allowPrivate) return;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return refusePrivate(host, [host]);
  const found = await lookup(host, { all: true }).catch((cause) => Promise.reject(failed(url, cause, undefined)));
  refusePrivate(
    host,
    found.map(({ address }) => address),
  );
}

function refusePrivate(host: string, addresses: readonly string[]): void {
  if (!addresses.some(isPrivateAddress)) return;
  throw dataErrors.DATA_URL_FORBIDDEN(`${host} is an address of this machine or of a private network.`, {
    data: { host },
  });
}

/** GET whose connection goes to an address that was judged at the moment of connecting: DNS cannot answer twice. */
function pinnedFetch(allowPrivate: boolean): Fetch {
  const judgedLookup: LookupFunction = (host, options, done) => {
    lookup(host, { ...options, all: true }).then(
      (found) => {
        try {
          if (!allowPrivate)
            refusePrivate(
              host,
              found.map(({ address }) => address),
            );
          if (options.all === true) done(null, found);
          else done(null, found[0]?.address ?? '', found[0]?.family ?? 4);
        } catch (error) {
          done(error as NodeJS.ErrnoException, '');
        }
      },
      (error) => done(error, ''),
    );
  };
  return (url, { signal, headers }) =>
    new Promise((resolve, reject) => {
      const request = url.startsWith('https:') ? httpsRequest : httpRequest;
      const abort = signal === null || signal === undefined ? {} : { signal };
      const options = { headers, lookup: judgedLookup, timeout: CONNECT_TIMEOUT_MS, ...abort };
      const sent = request(url, options, (answer) => {
        const fields = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string]);
        const status = answer.statusCode ?? 502;
        const bodiless = status === 204 || status === 205 || status === 304;
        if (bodiless) answer.resume();
        const body = bodiless ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
        resolve(new Response(body, { status, headers: fields }));
      });
      sent.on('timeout', () => sent.destroy(new Error(`nothing came for ${CONNECT_TIMEOUT_MS} ms`)));
      sent.on('error', reject);
      sent.end();
    });
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
