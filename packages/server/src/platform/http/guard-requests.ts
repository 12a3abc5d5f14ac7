import type { FastifyRequest } from 'fastify';
import { announcesBody } from './announces-body.js';
import { allowedHostNames, judgeHost } from './host-rules.js';
import { httpErrors } from './http-errors.js';
import type { App, HttpServerOptions } from './http-types.js';
import { unstorable } from './json-body.js';
import { judgeOrigin } from './origin-rules.js';
import { findUnstorableText } from './storable-text-rules.js';

const BODYLESS = new Set(['GET', 'HEAD', 'OPTIONS']);
const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i;

type GuardOptions = Pick<HttpServerOptions, 'config' | 'identity'>;

/** Everything a request must pass before its body is read, cheapest first: host, origin, credential, content type. */
export function guardRequests(app: App, { config, identity }: GuardOptions): void {
  const allowed = allowedHostNames(config);
  const isKnownHost = rememberHosts(allowed);
  app.addHook('onRequest', async (request) => {
    const route = request.routeOptions.config;
    if (route?.anyHost !== true && !isKnownHost(request)) refuseForeignHost(request, allowed);
    refuseForeignOrigin(request, config.publicUrl);
    if (route?.public !== true) request.actor = await identity.identify(request.headers.authorization);
    if (route?.rawBody !== true && route?.wholeBody !== true) refuseOtherContent(request);
  });
  app.addHook('preValidation', (request, _reply, done) => {
    for (const part of ['params', 'query'] as const) {
      const path = findUnstorableText(request[part]);
      if (path !== undefined) return done(unstorable(`${part}${path}`));
    }
    done();
  });
}

const MAX_REMEMBERED_HOSTS = 64;

/** Whether a request has one Host header, as it was allowed before, and a target without an authority of its own. */
function rememberHosts(allowed: ReadonlySet<string>): (request: FastifyRequest) => boolean {
  const remembered = new Set<string>();
  return ({ raw: { rawHeaders, headers, url = '' } }) => {
    const { host } = headers;
    if (host === undefined || !url.startsWith('/')) return false;
    let count = 0;
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = rawHeaders[i] as string;
      if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
    }
    if (count !== 1) return false;
    if (remembered.has(host)) return true;
    if (judgeHost({ hosts: [host], target: url }, allowed).verdict !== 'allowed') return false;
    if (remembered.size < MAX_REMEMBERED_HOSTS) remembered.add(host);
    return true;
  };
}

function refuseForeignHost(request: FastifyRequest, allowed: ReadonlySet<string>): void {
  const { rawHeaders, headers, url = '/' } = request.raw;
  // Node keeps the first of several Host headers; a proxy in front may have believed the last.
  const hosts = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'host');
  if (hosts.length === 0 && headers.host !== undefined) hosts.push(headers.host);
  const judged = judgeHost({ hosts, target: url }, allowed);
  if (judged.verdict === 'allowed') return;
  const details = { data: { got: judged.got } };
  if (judged.verdict === 'malformed') {
    throw httpErrors.HTTP_HOST_MALFORMED('The request names its host in no acceptable form.', details);
  }
  throw httpErrors.HTTP_HOST_REFUSED(`This server does not answer under the name ${judged.got}.`, details);
}

function refuseForeignOrigin(request: FastifyRequest, publicUrl: string | undefined): void {
  const { origin, host = '', 'sec-fetch-site': fetchSite } = request.headers;
  const judged = judgeOrigin({
    method: request.method,
    host,
    origin,
    fetchSite: Array.isArray(fetchSite) ? fetchSite.join() : fetchSite,
    publicUrl,
  });
  if (judged.verdict === 'allowed') return;
  throw httpErrors.HTTP_ORIGIN_REFUSED(`The change was refused because of ${judged.got}.`, {
    data: { got: judged.got },
  });
}

function refuseOtherContent(request: FastifyRequest): void {
  if (BODYLESS.has(request.method) || !announcesBody(request.headers)) return;
  const type = request.headers['content-type'];
  if (JSON_TYPE.test(type ?? '')) return;
  const got = type ?? 'nothing';
  const other = request.routeOptions.config?.otherContent;
  if (other !== undefined) throw other(got.slice(0, 100));
  throw httpErrors.HTTP_UNSUPPORTED_MEDIA_TYPE(`The body is ${got.slice(0, 100)}, not application/json in UTF-8.`, {
    data: { got: got.slice(0, 100), expected: 'application/json' },
  });
}
