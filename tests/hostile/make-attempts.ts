import type { Rng } from '@fairlead/num';
import {
  HOSTILE_BODIES,
  HOSTILE_CONTENT_TYPES,
  HOSTILE_NUMBERS,
  HOSTILE_TEXTS,
  hostileValue,
  pick,
} from './hostile-values.js';
import { type Sampler, type Schema, sampleOf } from './schema-samples.js';
import type { Attempt } from './send-request.js';

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  /** Content type → schema. */
  readonly content: Readonly<Record<string, { readonly schema?: Schema }>>;
  readonly responses: readonly string[];
}

const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', '', 'a'.repeat(5000), '\u0000', 'unknown', '💥'];
// A request may ask to wait for work as long as a minute; thousands of such requests would only wait.
const LONGEST_WAIT_MS = 20;

/** Of every kind of request one, over and over: `round` decides which. */
export function makeAttempt(operation: Operation, sampler: Sampler, round: number): Attempt {
  const { rng } = sampler;
  const kinds = [inherited, valid, valid, mutated, mutated, badPath, badQuery, badBody, badType, badHeaders] as const;
  const attempt = (kinds[round % kinds.length] ?? valid)(operation, sampler);
  // A body of bytes can be anything for the upload routes as well.
  return rng.next() < 0.02
    ? { ...attempt, method: pick(rng, ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS']) }
    : attempt;
}

function valid(operation: Operation, sampler: Sampler): Attempt {
  const { body, type } = bodyOf(operation, sampler);
  return write(operation, sampler, {
    body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
    type,
  });
}

/** Names that every JavaScript object answers to although nobody put them there. */
function inherited(operation: Operation, sampler: Sampler): Attempt {
  const { body, type } = bodyOf(operation, sampler);
  const segment = () => pick(sampler.rng, ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty']);
  return write(operation, sampler, { body: body === undefined ? undefined : stringify(body), type, segment });
}

/** One value somewhere in the body is replaced, removed or added. */
function mutated(operation: Operation, sampler: Sampler): Attempt {
  const { body, type } = bodyOf(operation, sampler);
  if (body === undefined || typeof body === 'string') return badQuery(operation, sampler);
  return write(operation, sampler, { body: stringify(mutate(body, sampler.rng)), type });
}

function badPath(operation: Operation, sampler: Sampler): Attempt {
  const { body, type } = bodyOf(operation, sampler);
  const hostile = () => encodeText(String(pick(sampler.rng, [...HOSTILE_TEXTS, ...HOSTILE_NUMBERS])), sampler.rng);
  return write(operation, sampler, { body: body === undefined ? undefined : stringify(body), type, segment: hostile });
}

function badQuery(operation: Operation, sampler: Sampler): Attempt {
  const { rng } = sampler;
  const names = operation.parameters.filter((p) => p.in === 'query').map((p) => p.name);
  const parts = Array.from({ length: 1 + rng.int(3) }, () => {
    const name = pick(rng, [...names, ...names, 'unknown', '__proto__', 'a[b]', 'a[]']);
    const value = encodeText(String(pick(rng, [...HOSTILE_TEXTS, ...HOSTILE_NUMBERS])), rng).slice(0, 8000);
    return rng.next() < 0.1 ? name : `${name}=${value}`;
  });
  const { body, type } = bodyOf(operation, sampler);
  return write(operation, sampler, {
    body: body === undefined ? undefined : stringify(body),
    type,
    query: parts.join('&'),
  });
}

function badBody(operation: Operation, sampler: Sampler): Attempt {
  const { type } = bodyOf(operation, sampler);
  return write(operation, sampler, { body: pick(sampler.rng, HOSTILE_BODIES), type: type ?? 'application/json' });
}

function badType(operation: Operation, sampler: Sampler): Attempt {
  const { body } = bodyOf(operation, sampler);
  return write(operation, sampler, {
    body: body === undefined ? '{}' : stringify(body),
    type: pick(sampler.rng, HOSTILE_CONTENT_TYPES),
  });
}

const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { host: 'evil.example' },
  { host: '127.0.0.1.evil.example' },
  { host: 'a b' },
  { host: '' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
  { authorization: 'Bearer fl_0000000000000000_x' },
  { authorization: 'Bearer ' },
  { authorization: 'Basic dTpw' },
  { authorization: `Bearer ${'x'.repeat(5000)}` },
  { accept: 'application/x-nothing' },
  { 'accept-encoding': 'br;q=2, *;q=-1' },
  { 'x-request-id': '<script>' },
  { 'x-http-method-override': 'DELETE' },
  { 'content-encoding': 'gzip' },
  { range: 'bytes=5-1' },
  { 'if-none-match': '*' },
  { 'transfer-encoding': 'chunked' },
  { 'inference-header-content-length': '999999' },
  { 'inference-header-content-length': '-1' },
  { 'x-fairlead-route-key': 'x'.repeat(5000) },
];

function badHeaders(operation: Operation, sampler: Sampler): Attempt {
  const attempt = valid(operation, sampler);
  const chosen = pick(sampler.rng, HEADERS);
  const headers: Record<string, string | readonly string[]> = { ...attempt.headers, ...chosen };
  if ('transfer-encoding' in chosen) delete headers['content-length'];
  return { ...attempt, headers };
}

interface Parts {
  readonly body: string | Uint8Array | undefined;
  readonly type: string | undefined;
  readonly segment?: () => string;
  readonly query?: string;
}

function write(operation: Operation, sampler: Sampler, { body, type, segment, query }: Parts): Attempt {
  const inPath = new Map(operation.parameters.filter((p) => p.in === 'path').map((p) => [p.name, p.schema]));
  const path = operation.path.replace(/\{([^}]+)\}/g, (_, name: string) =>
    segment === undefined || sampler.rng.next() < 0.3
      ? encodeURIComponent(String(sampleOf(inPath.get(name) ?? {}, sampler, { name, depth: 0 })))
      : segment(),
  );
  const search = query ?? validQuery(operation, sampler);
  const headers: Record<string, string> = type === undefined || body === undefined ? {} : { 'content-type': type };
  if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
  return { method: operation.method, path: search === '' ? path : `${path}?${search}`, headers, body };
}

function validQuery(operation: Operation, sampler: Sampler): string {
  const { rng } = sampler;
  return operation.parameters
    .filter((p) => p.in === 'query' && (p.required === true || rng.next() < 0.5))
    .map(({ name, schema }) => {
      const value = name === 'waitMs' ? rng.int(LONGEST_WAIT_MS) : sampleOf(schema, sampler, { name, depth: 0 });
      return `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`;
    })
    .join('&');
}

function bodyOf({ content }: Operation, sampler: Sampler): { body: unknown; type: string | undefined } {
  const types = Object.keys(content);
  if (types.length === 0) return { body: undefined, type: undefined };
  const type = pick(sampler.rng, types);
  if (!type.includes('json')) return { body: pick(sampler.rng, ['a,b\n1,2\n', '', '\u0000', 'x']), type };
  return { body: sampleOf(content[type]?.schema ?? {}, sampler), type };
}

/** A copy with one change somewhere inside. */
function mutate(value: unknown, rng: Rng): unknown {
  if (typeof value !== 'object' || value === null || rng.next() < 0.1) return hostileValue(rng);
  if (Array.isArray(value)) {
    if (value.length === 0 || rng.next() < 0.2) return [...value, hostileValue(rng)];
    const at = rng.int(value.length);
    return value.map((item, i) => (i === at ? mutate(item, rng) : item));
  }
  const entries = Object.entries(value);
  const roll = rng.next();
  if (entries.length === 0 || roll < 0.15) return withOwn(entries, pick(rng, KEYS), hostileValue(rng));
  const at = rng.int(entries.length);
  if (roll < 0.3) return Object.fromEntries(entries.filter((_, i) => i !== at));
  return Object.fromEntries(entries.map(([key, item], i) => [key, i === at ? mutate(item, rng) : item]));
}

/** `__proto__` as a member of its own, which assignment would not give. */
function withOwn(entries: [string, unknown][], key: string, value: unknown): unknown {
  return Object.fromEntries([...entries, [key, value]]);
}

/** Numbers that JSON cannot say become null, as every client would send them. */
function stringify(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');
}

/** As RFC 3986 wants it, or raw as far as HTTP can carry it. */
function encodeText(text: string, rng: Rng): string {
  const whole = text.toWellFormed === undefined ? text : text.toWellFormed();
  if (rng.next() < 0.7) return encodeURIComponent(whole).slice(0, 4000);
  return whole.replace(/[^\u0021-\u007e]|[#?]/g, '').slice(0, 4000);
}
