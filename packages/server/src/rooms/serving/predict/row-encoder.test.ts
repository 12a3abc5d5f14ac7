import { isFairleadError } from '@fairlead/kernel';
import { describe, expect, it } from 'vitest';
import type { ModelSignature } from '../../training/index.js';
import { exampleRows } from './example-rows.js';
import { compileRowEncoder, type InputRow } from './row-encoder.js';

const signature: ModelSignature = {
  task: 'classification',
  inputs: [
    { name: 'wind', type: 'number', min: 0, max: 12.5, nullable: true },
    { name: 'gusts', type: 'integer', min: 0, max: 9, nullable: false },
    { name: 'holiday', type: 'boolean', nullable: false },
    { name: 'sky', type: 'string', categories: ['', 'clear', 'grey'], nullable: true },
  ],
  target: 'rain',
  labels: ['no', 'yes'],
  contextColumns: ['date'],
};
const encoder = compileRowEncoder(signature);
const good: InputRow = { wind: 3.5, gusts: 2, holiday: true, sky: 'grey' };

function issuesOf(rows: unknown): { issues: unknown[]; total: number; message: string } {
  try {
    encoder.encode(rows as InputRow[]);
  } catch (error) {
    if (isFairleadError(error) && error.code === 'SRV_INPUT_INVALID') {
      return { ...(error.data as { issues: unknown[]; total: number }), message: error.message };
    }
    throw error;
  }
  return { issues: [], total: 0, message: '' };
}

describe('encoding named rows', () => {
  it('gives one [rows, 1] tensor per column in the order of the signature', () => {
    const { tensors, warnings } = encoder.encode([good, { ...good, date: '2015-01-01', wind: 0, holiday: false }]);
    expect(tensors).toEqual([
      { name: 'wind', datatype: 'FP32', shape: [2, 1], data: Float32Array.of(3.5, 0) },
      { name: 'gusts', datatype: 'FP32', shape: [2, 1], data: Float32Array.of(2, 2) },
      { name: 'holiday', datatype: 'FP32', shape: [2, 1], data: Float32Array.of(1, 0) },
      { name: 'sky', datatype: 'BYTES', shape: [2, 1], data: ['grey', 'grey'] },
    ]);
    expect(warnings).toEqual([]);
  });

  it('takes a missing cell where the signature allows it, as NaN or the empty string, and says so', () => {
    const { tensors, warnings } = encoder.encode([{ gusts: 1, holiday: false, wind: null }]);
    expect(tensors[0]?.data).toEqual(Float32Array.of(Number.NaN));
    expect(tensors[3]?.data).toEqual(['']);
    expect(warnings.map(({ column, kind }) => `${column} ${kind}`)).toEqual(['wind missing', 'sky missing']);
  });

  it('takes any text where the signature lists no categories, because there were too many', () => {
    const inputs = [{ name: 'shop', type: 'string', nullable: false }] as const;
    const { tensors, warnings } = compileRowEncoder({ ...signature, inputs }).encode([{ shop: 'shop 9999' }]);
    expect(tensors).toEqual([{ name: 'shop', datatype: 'BYTES', shape: [1, 1], data: ['shop 9999'] }]);
    expect(warnings).toEqual([]);
  });

  it('answers values that training never saw, with a warning', () => {
    const { warnings } = encoder.encode([good, { ...good, wind: 99, gusts: -1, sky: 'green' }]);
    expect(warnings).toEqual([
      { row: 1, column: 'wind', kind: 'out-of-range', value: '99' },
      { row: 1, column: 'gusts', kind: 'out-of-range', value: '-1' },
      { row: 1, column: 'sky', kind: 'unseen-category', value: 'green' },
    ]);
  });

  it.each([
    ['an unknown column', { ...good, windd: 1 }, 'windd'],
    ['a number as text', { ...good, wind: '3.5' }, 'wind'],
    ['a number beyond Float32', { ...good, wind: 1e39 }, 'wind'],
    ['an infinity', { ...good, wind: Number.POSITIVE_INFINITY }, 'wind'],
    ['a fraction for an integer', { ...good, gusts: 1.5 }, 'gusts'],
    ['an integer that a double cannot hold', { ...good, gusts: 2 ** 60 }, 'gusts'],
    ['a missing cell that must be there', { wind: 1, holiday: true }, 'gusts'],
    ['null that must be there', { ...good, holiday: null }, 'holiday'],
    ['1 for true', { ...good, holiday: 1 }, 'holiday'],
    ['a number for a category', { ...good, sky: 5 }, 'sky'],
    ['an object in a cell', { ...good, wind: {} }, 'wind'],
    ['an object as context', { ...good, date: {} }, 'date'],
    ['a list as row', [1, 2], ''],
    ['null as row', null, ''],
    ['text as row', 'wind=1', ''],
    ['an inherited name', { ...good, toString: 1 }, 'toString'],
  ])('refuses %s and names row and column', (_, row, column) => {
    const { issues, total } = issuesOf([good, row]);
    expect(total).toBe(1);
    expect(issues[0]).toMatchObject({ row: 1, column });
  });

  it('names 20 issues and counts the rest', () => {
    const { issues, total, message } = issuesOf(Array.from({ length: 50 }, () => ({ ...good, wind: 'x' })));
    expect(issues).toHaveLength(20);
    expect(total).toBe(50);
    expect(message).toContain('Row 0, column wind: got the string "x", expected a finite number. 50 cells');
  });

  it('makes example rows that are valid and raise no warning', () => {
    const rows = exampleRows(signature);
    expect(rows).toHaveLength(3);
    expect(encoder.encode(rows).warnings).toEqual([]);
    const bare = { ...signature, inputs: signature.inputs.map(({ name, type }) => ({ name, type, nullable: false })) };
    expect(compileRowEncoder(bare).encode(exampleRows(bare)).warnings).toEqual([]);
  });
});

describe('encoding times', () => {
  const times = compileRowEncoder({
    ...signature,
    inputs: [{ name: 'at', type: 'timestamp', nullable: true }],
    contextColumns: [],
  });

  it('gives int64 epoch milliseconds, and the least int64 for a missing one', () => {
    const rows = ['2024-02-29', '2024-02-29T12:30:00.250+02:00', -1, null].map((at) => ({ at }));
    const [tensor] = times.encode(rows).tensors;
    expect(tensor).toEqual({
      name: 'at',
      datatype: 'INT64',
      shape: [4, 1],
      data: BigInt64Array.of(1709164800000n, 1709202600250n, -1n, -(2n ** 63n)),
    });
    expect(
      times.encode(exampleRows({ ...signature, inputs: [{ name: 'at', type: 'timestamp', nullable: true }] }))
        .tensors[0]?.shape,
    ).toEqual([3, 1]);
  });

  it.each(['2024-02-29T12:30', 'yesterday', 1.5, 9e15, true])('refuses %j', (at) => {
    expect(() => times.encode([{ at }])).toThrow(/at/);
  });
});
