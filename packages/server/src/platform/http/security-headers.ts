import { randomBytes } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import helmet from 'helmet';
import type { App } from './http-types.js';

const DIRECTIVES: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
  'form-action': ["'none'"],
};

function policy(styles: readonly string[] = DIRECTIVES['style-src'] ?? []): string {
  return Object.entries({ ...DIRECTIVES, 'style-src': styles })
    .map(([name, values]) => `${name} ${values.join(' ')}`)
    .join(';');
}

const OWN_POLICY = policy();

/** What the API documents' viewer needs beyond our policy: it writes style elements. */
export const DOCS_POLICY = policy(["'self'", "'unsafe-inline'"]);

/** For answers that are made outside the hooks. */
export const BARE_HEADERS = Object.freeze({
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
});

/** Sets the security headers on every answer, and `Cache-Control: no-store` unless the route says otherwise. */
export function setSecurityHeaders(app: App, { https }: { https: boolean }): void {
  const headers = { ...helmetHeaders(https), 'content-security-policy': OWN_POLICY, 'cache-control': 'no-store' };
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-request-id', request.id);
    done();
  });
}

/** As helmet sets them, asked once: they are the same for every answer, and its way through them took 6 % of the time of a prediction. */
function helmetHeaders(https: boolean): Record<string, string> {
  const headers: Record<string, string> = {};
  const apply = helmet({
    contentSecurityPolicy: false,
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    hsts: https ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  });
  const answer = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => undefined,
  };
  apply({} as never, answer as never, (error) => {
    if (error) throw error;
  });
  return headers;
}

/** Allows one `<style nonce>` element in this answer and returns its nonce. */
export function allowStyleNonce(reply: FastifyReply): string {
  const nonce = randomBytes(16).toString('base64');
  reply.header('content-security-policy', policy(["'self'", `'nonce-${nonce}'`]));
  return nonce;
}

/** Prepares the answer for a self-contained page without scripts (a report): own styles and pictures, nothing else. */
export function allowStandalonePage(reply: FastifyReply): void {
  // A page in a sandbox has no origin to be keyed by; asking for it makes browsers complain in the console.
  reply.removeHeader('origin-agent-cluster');
  reply.header(
    'content-security-policy',
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; sandbox",
  );
}

/** Prepares the answer for a file that somebody uploaded: the browser saves it and never shows it as ours. */
export function sendAsAttachment(reply: FastifyReply, fileName: string): void {
  const plain = fileName.replace(/[^A-Za-z0-9._-]/g, '_').slice(-150);
  reply
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('content-disposition', `attachment; filename="${plain}"; filename*=UTF-8''${encodeRfc8187(fileName)}`);
}

function encodeRfc8187(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
