import type { Rng } from '@fairlead/num';

/** One of a list; the generator is the only source of chance. */
export function pick<T>(rng: Rng, list: readonly T[]): T {
  return list[rng.int(list.length)] as T;
}

const LONG = 20_000;

/** Texts that break programs. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202eevil',
  '𝔉𝔞𝔦𝔯 🌧️ é e\u0301',
  'x'.repeat(LONG),
  '🌧'.repeat(LONG / 10),
  '../../../../etc/passwd',
  '..\\..\\windows',
  '/etc/passwd',
  'file:///etc/passwd',
  'http://169.254.169.254/latest/meta-data',
  'http://127.0.0.1:1/x',
  `'; drop table data_version; --`,
  `" or 1=1 --`,
  '%00',
  '%s%n',
  '$' + '{7*7}',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'NaN',
  'Infinity',
  '-0',
  '1e999',
  '9'.repeat(400),
  '2015-13-45',
  '+275760-09-13T00:00:00.001Z',
  'latest',
  '(((((((((((((((((((((((((((((a+)+)+)+$',
  'object:0000000000000000000000000000000000000000000000000000000000000000',
  'object:../../home',
];

/** Numbers at the edges of what numbers, columns and times can be. */
export const HOSTILE_NUMBERS: readonly number[] = [
  0,
  -0,
  -1,
  1,
  0.5,
  -0.1,
  1e-320,
  127,
  255,
  256,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e18,
  1e19,
  1e300,
  -1e300,
  1.7976931348623157e308,
  8.64e15,
  8.64e15 + 1,
  -8.64e15,
];

const OTHERS: readonly unknown[] = [null, true, false, [], {}, [[]], [null], { a: { b: { c: [] } } }, { length: 1e9 }];

/** Any value that the place it is put into probably does not want. */
export function hostileValue(rng: Rng): unknown {
  const roll = rng.next();
  if (roll < 0.45) return pick(rng, HOSTILE_TEXTS);
  if (roll < 0.75) return pick(rng, HOSTILE_NUMBERS);
  if (roll < 0.8) return nested(200);
  if (roll < 0.84) return Array.from({ length: 2000 }, () => pick(rng, HOSTILE_NUMBERS));
  return pick(rng, OTHERS);
}

/** Bodies that are no acceptable JSON, or JSON that means harm; sent as they are. */
export const HOSTILE_BODIES: readonly (string | Uint8Array)[] = [
  '',
  ' ',
  '{',
  '[',
  '"',
  '{"a":',
  '{"a":1',
  'nul',
  'undefined',
  'NaN',
  '{a:1}',
  "{'a':1}",
  '{"a":1}{"b":2}',
  '{"a":1,}',
  '\ufeff{}',
  'null',
  'true',
  '0',
  '1e999',
  '"text"',
  '[]',
  '[[[]]]',
  '{}',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"a":{"__proto__":[]}}',
  '{"name":"a","name":"b"}',
  '{"":""}',
  '{"\\u0000":1}',
  '{"a":"\\ud800"}',
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  new Uint8Array(1000),
  'a=b&c=d',
  '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
];

export const HOSTILE_CONTENT_TYPES: readonly string[] = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/xml',
  'application/json; charset=utf-16',
  'application/json, text/plain',
  'application/jsonp',
  'APPLICATION/JSON',
  'application/octet-stream',
  'text/csv',
  'application/vnd.apache.parquet',
  '*/*',
  ';',
  'a'.repeat(2000),
];

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i += 1) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}
