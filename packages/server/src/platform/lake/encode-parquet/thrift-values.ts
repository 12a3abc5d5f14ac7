import type { ThriftStruct, ThriftValue } from '../thrift-compact.js';

export const i32 = (value: number): ThriftValue => ({ type: 'i32', value: BigInt(value) });
export const i64 = (value: number): ThriftValue => ({ type: 'i64', value: BigInt(value) });
export const text = (value: string): ThriftValue => ({ type: 'binary', value: Buffer.from(value, 'utf8') });
export const struct = (fields: Readonly<Record<number, ThriftValue>>): ThriftStruct => ({
  fields: new Map(Object.entries(fields).map(([id, value]) => [Number(id), value])),
});
export const nested = (fields: Readonly<Record<number, ThriftValue>>): ThriftValue => ({
  type: 'struct',
  value: struct(fields),
});

const CODES = { i32: 5, binary: 8, struct: 12 } as const;

export const list = (of: keyof typeof CODES, items: ThriftValue[]): ThriftValue => ({
  type: 'list',
  of: CODES[of],
  items,
});
