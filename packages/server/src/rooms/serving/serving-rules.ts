import type { Role } from '@fairlead/kernel';

export interface WeightedEntry {
  readonly deploymentId: string;
  readonly weight: number;
}

const WEIGHT_TOLERANCE = 1e-9;

/**
 * Where a key falls in [0, 1), always the same for the same endpoint and key: FNV-1a (32 bit) over the UTF-16 bytes,
 * then the MurmurHash3 finaliser, because the plain FNV's high bits hardly move for keys that differ at their end.
 * The endpoint is part of the hash, so that one caller is not in every endpoint's canary.
 */
export function routeBucket(endpoint: string, routeKey: string): number {
  let hash = 0x811c9dc5;
  hash = fnv1a(fnv1a(hash, endpoint), '\u0000');
  hash = fnv1a(hash, routeKey);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 2 ** 32;
}

function fnv1a(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return hash;
}

/**
 * Index of the entry that a bucket belongs to. Entries stand newest first, so the newest owns [0, weight): raising its
 * weight only ever adds keys to it, and no key that has seen the new version goes back.
 */
export function pickEntry(entries: readonly WeightedEntry[], bucket: number): number {
  let cumulative = 0;
  let last = 0;
  for (let i = 0; i < entries.length; i += 1) {
    const { weight } = entries[i] as WeightedEntry;
    if (weight <= 0) continue;
    cumulative += weight;
    if (bucket < cumulative) return i;
    last = i;
  }
  return last;
}

/**
 * Index of the entry that a key belongs to by weighted rendezvous hashing (Thaler and Ravishankar 1998, weighted as in Schindelhauer
 * and Schomaker 2005): each entry draws −ln(u) / weight for the key and the smallest answers, so that each has its share. However
 * the weights of many entries change, a key goes only to an entry whose weight grew more, and when one is taken out only its own keys go.
 */
export function pickByRendezvous(
  entries: readonly WeightedEntry[],
  { endpoint, routeKey }: { readonly endpoint: string; readonly routeKey: string },
): number {
  let least = Number.POSITIVE_INFINITY;
  let picked = -1;
  for (const [i, { deploymentId, weight }] of entries.entries()) {
    if (weight <= 0) continue;
    // Never 0, whose logarithm would take the entry out of the draw.
    const u = routeBucket(`${endpoint}\u0000${deploymentId}`, routeKey) + 2 ** -33;
    const drawn = -Math.log(u) / weight;
    if (drawn < least || picked === -1) {
      least = drawn;
      picked = i;
    }
  }
  return Math.max(0, picked);
}

/**
 * What is wrong with a routing table, in words, or null. Weights are ratios that sum to 1 (1e-9). One that names nobody at all is
 * sound: nothing is served then.
 */
export function routingProblem(entries: readonly WeightedEntry[], shadows: readonly string[]): string | null {
  if (entries.length === 0) return shadows.length === 0 ? null : 'it names copies of requests that nobody answers';
  const named = [...entries.map((entry) => entry.deploymentId), ...shadows];
  const twice = named.find((id, i) => named.indexOf(id) !== i);
  if (twice !== undefined) return `it names the deployment ${twice} twice`;
  const odd = entries.find(({ weight }) => !Number.isFinite(weight) || weight < 0 || weight > 1);
  if (odd !== undefined) return `the weight of ${odd.deploymentId} is ${odd.weight}, expected 0..1`;
  const sum = entries.reduce((total, { weight }) => total + weight, 0);
  return Math.abs(sum - 1) > WEIGHT_TOLERANCE ? `the weights sum to ${sum}, expected 1` : null;
}

/** Newest deployment first, the order in which tables are stored: see {@link pickEntry}. */
export function newestFirst<T extends { readonly createdAtMs: number; readonly id: string }>(
  deployments: readonly T[],
): T[] {
  return [...deployments].sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
}

/**
 * Whether a request is in the sample of the prediction log: always the same for the same request id, and independent of the
 * version it went to.
 */
export function isSampled(requestId: string, sample: number): boolean {
  return sample >= 1 || routeBucket('capture', requestId) < sample;
}

/** Whether a caller may send a request to a version of its choice instead of the routed one. */
export function mayChooseVersion(environment: string, roles: readonly Role[]): boolean {
  return environment === 'test' || roles.includes('ml-engineer') || roles.includes('admin');
}

const PRODUCTION = 'production';

/** `rain` is the production endpoint, `rain@test` the one in the environment test. */
export function parseModelName(name: string): { readonly endpoint: string; readonly environment: string } {
  const at = name.indexOf('@');
  return at === -1
    ? { endpoint: name, environment: PRODUCTION }
    : { endpoint: name.slice(0, at), environment: name.slice(at + 1) };
}

/** The inverse of {@link parseModelName}. */
export function modelNameOf(endpoint: string, environment: string): string {
  return environment === PRODUCTION ? endpoint : `${endpoint}@${environment}`;
}
