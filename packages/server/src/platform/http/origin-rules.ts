import { parseAuthority } from './host-rules.js';

export interface OriginFacts {
  readonly method: string;
  readonly host: string;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  /** Where users reach the server when a proxy stands in front. */
  readonly publicUrl: string | undefined;
}

export type OriginVerdict = { readonly verdict: 'allowed' } | { readonly verdict: 'foreign'; readonly got: string };

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const ALLOWED: OriginVerdict = { verdict: 'allowed' };

/**
 * Judges whether a change comes from one of our own pages or from a program (which sends neither header). Browsers attach
 * Origin and Sec-Fetch-Site by themselves and pages cannot forge them.
 */
export function judgeOrigin({ method, host, origin, fetchSite, publicUrl }: OriginFacts): OriginVerdict {
  if (SAFE_METHODS.has(method)) return ALLOWED;
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') {
    return { verdict: 'foreign', got: `Sec-Fetch-Site: ${fetchSite.slice(0, 100)}` };
  }
  if (origin === undefined || isOwnOrigin(origin, { host, publicUrl })) return ALLOWED;
  return { verdict: 'foreign', got: `Origin: ${origin.slice(0, 100)}` };
}

function isOwnOrigin(text: string, { host, publicUrl }: { host: string; publicUrl: string | undefined }): boolean {
  const match = /^(https?):\/\/([^/?#]+)$/.exec(text);
  const origin = parseAuthority(match?.[2] ?? '');
  if (match === null || origin === undefined) return false;
  if (publicUrl !== undefined && new URL(publicUrl).origin === new URL(text).origin) return true;
  // Behind a proxy that ends TLS the scheme of the origin is https and ours is not: name and port decide.
  const own = parseAuthority(host);
  const defaultPort = match[1] === 'https' ? '443' : '80';
  return own !== undefined && own.name === origin.name && (own.port || defaultPort) === (origin.port || defaultPort);
}
