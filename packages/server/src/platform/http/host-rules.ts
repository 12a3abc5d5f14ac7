/** The host name of a `Host` header or URL authority in canonical form (lower case, IPv6 shortened), and its port as text. */
export interface Authority {
  readonly name: string;
  readonly port: string;
}

const AUTHORITY = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const WILDCARDS = new Set(['0.0.0.0', '[::]']);

/** Parses an authority without user information; undefined when it is malformed or empty. */
export function parseAuthority(text: string): Authority | undefined {
  const match = AUTHORITY.exec(text);
  const [, host = '', port = ''] = match ?? [];
  if (match === null || (port !== '' && (Number(port) < 1 || Number(port) > 65_535))) return undefined;
  const name = canonicalHost(host);
  return name === undefined ? undefined : { name, port };
}

/** A name in lower case; an IPv6 address, with or without brackets, in its shortest form in brackets. */
function canonicalHost(host: string): string | undefined {
  if (!host.includes(':')) return host.toLowerCase();
  try {
    return new URL(`http://${host.startsWith('[') ? host : `[${host}]`}`).hostname;
  } catch {
    return undefined;
  }
}

export interface HostSettings {
  readonly host: string;
  readonly publicUrl?: string;
  readonly allowedHosts: readonly string[];
}

/** The exact names under which the server answers. */
export function allowedHostNames({ host, publicUrl, allowedHosts }: HostSettings): ReadonlySet<string> {
  const names = [...LOOPBACK, host, ...allowedHosts].map(canonicalHost);
  if (publicUrl !== undefined) names.push(new URL(publicUrl).hostname);
  return new Set(names.filter((name): name is string => name !== undefined && !WILDCARDS.has(name)));
}

/** True for addresses that only this machine can reach. */
export function isLoopbackHost(host: string): boolean {
  const name = canonicalHost(host);
  return name !== undefined && (LOOPBACK.includes(name) || /^127(\.\d{1,3}){3}$/.test(name));
}

export type HostVerdict =
  | { readonly verdict: 'allowed' }
  | { readonly verdict: 'malformed' | 'unknown'; readonly got: string };

/**
 * Judges where a request wants to go, against DNS rebinding. Names must match exactly: `localhost.` and `127.1` mean this
 * machine to a resolver, but no honest client sends them. `target` is the request target; in absolute form (RFC 9112
 * §3.2.2) its authority must be allowed as well as the header.
 */
export function judgeHost(
  { hosts, target }: { hosts: readonly string[]; target: string },
  allowed: ReadonlySet<string>,
): HostVerdict {
  if (hosts.length !== 1) return { verdict: 'malformed', got: `${hosts.length} Host headers` };
  const named = [...hosts];
  if (!target.startsWith('/') && target !== '*') {
    const absolute = /^https?:\/\/([^/?#]*)/i.exec(target);
    if (absolute === null) return { verdict: 'malformed', got: target.slice(0, 100) };
    named.push(absolute[1] ?? '');
  }
  for (const got of named) {
    const authority = parseAuthority(got);
    if (authority === undefined) return { verdict: 'malformed', got: got.slice(0, 100) };
    if (!allowed.has(authority.name)) return { verdict: 'unknown', got: authority.name.slice(0, 100) };
  }
  return { verdict: 'allowed' };
}
