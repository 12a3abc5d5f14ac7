import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelFile, NamedTensor } from './inference-types.js';

// ONNX by hand (field numbers: onnx/onnx.proto), as no exporter of ours writes a Loop.
type Part = Buffer;
const varint = (value: number): Part => {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};
const int = (field: number, value: number): Part => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field: number, value: Buffer | string): Part => {
  const body = Buffer.from(value as string);
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
};
const message = (field: number, ...parts: readonly Part[]): Part => bytes(field, Buffer.concat(parts));

const [FLOAT, INT64, BOOL] = [1, 7, 9];
const attributeInt = (name: string, value: number) => message(5, bytes(1, name), int(3, value), int(20, 2));
const attributeGraph = (name: string, graph: readonly Part[]) =>
  message(5, bytes(1, name), message(6, ...graph), int(20, 5));

function node(op: string, inputs: readonly string[], outputs: readonly string[], ...attributes: Part[]): Part {
  const names = [...inputs.map((name) => bytes(1, name)), ...outputs.map((name) => bytes(2, name))];
  return message(1, ...names, bytes(4, op), ...attributes);
}

/** A shape of null is one that nobody knows. */
function value(
  field: number,
  [name, type, shape]: readonly [string, number, readonly (number | string)[] | null],
): Part {
  const dims = (shape ?? []).map((dim) => message(1, typeof dim === 'number' ? int(1, dim) : bytes(2, dim)));
  const tensor = message(1, int(1, type), ...(shape === null ? [] : [message(2, ...dims)]));
  return message(field, bytes(1, name), message(2, tensor));
}

function constant(name: string, type: number, dims: readonly number[], raw: ArrayBufferView): Part {
  const data = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  return message(5, ...dims.map((dim) => int(1, dim)), int(2, type), bytes(8, name), bytes(9, data));
}

const graph = (nodes: readonly Part[], ends: readonly Part[]): Part[] => [...nodes, bytes(2, 'trap'), ...ends];

/** One turn of a loop over `v`: the condition as it came, and `work` from `v` to `vo`. */
const turn = (...work: readonly Part[]) =>
  graph(
    [node('Identity', ['c'], ['co']), ...work],
    [
      value(11, ['i', INT64, []]),
      value(11, ['c', BOOL, []]),
      value(11, ['v', FLOAT, null]),
      value(12, ['co', BOOL, []]),
      value(12, ['vo', FLOAT, null]),
    ],
  );

/** The largest value of a column as a number of turns. */
const turns = (column: string) => [
  node('ReduceMax', [column], [`${column}_most`], attributeInt('keepdims', 0)),
  node('Cast', [`${column}_most`], [`${column}_turns`], attributeInt('to', INT64)),
];

const COLUMNS = ['spin', 'grow', 'odd'] as const;

/**
 * A model with three columns that behaves while they are in 0..1 and answers y = 1 + sqrt(1 - odd) + salt. `spin` turns of a loop
 * keep it busy (2^40: for ever), each turn of `grow` takes 16 MB more memory, and an `odd` above 1 makes y NaN. With
 * `always` the trap is sprung whatever it is sent.
 */
export function trapModel({ salt = 0, always }: { salt?: number; always?: 'spin' | 'grow' | 'odd' } = {}): Uint8Array {
  const sprung = { spin: 2 ** 40, grow: 2 ** 30, odd: 2 };
  const nodes = [
    ...COLUMNS.map((name) =>
      name === always ? node('Add', [name, 'sprung'], [`${name}_in`]) : node('Identity', [name], [`${name}_in`]),
    ),
    ...turns('spin_in'),
    ...turns('grow_in'),
    node(
      'Loop',
      ['spin_in_turns', 'yes', 'one'],
      ['spun'],
      attributeGraph('body', turn(node('Add', ['v', 'one'], ['vo']))),
    ),
    node(
      'Loop',
      ['grow_in_turns', 'yes', 'none'],
      ['grown'],
      attributeGraph(
        'body',
        turn(
          node('ConstantOfShape', ['many'], ['block']),
          node('Concat', ['v', 'block'], ['vo'], attributeInt('axis', 0)),
        ),
      ),
    ),
    node('ReduceSum', ['grown'], ['nothing'], attributeInt('keepdims', 0)),
    node('Min', ['spun', 'one'], ['least']),
    node('Sub', ['one', 'odd_in'], ['left']),
    node('Sqrt', ['left'], ['root']),
    node('Add', ['root', 'least'], ['a']),
    node('Add', ['a', 'nothing'], ['b']),
    node('Add', ['b', 'salt'], ['y']),
  ];
  const constants = [
    constant('one', FLOAT, [], Float32Array.of(1)),
    constant('salt', FLOAT, [], Float32Array.of(salt)),
    constant('sprung', FLOAT, [], Float32Array.of(always === undefined ? 0 : sprung[always])),
    constant('yes', BOOL, [], Uint8Array.of(1)),
    constant('none', FLOAT, [1], Float32Array.of(0)),
    constant('many', INT64, [1], BigInt64Array.of(2n ** 22n)),
  ];
  const ends = [...COLUMNS.map((name) => value(11, [name, FLOAT, ['N', 1]])), value(12, ['y', FLOAT, ['N', 1]])];
  return Buffer.concat([int(1, 9), message(7, ...graph(nodes, [...constants, ...ends])), message(8, int(2, 19))]);
}

/** The model as a file in a folder of its own. */
export function trapFile(model = trapModel()): ModelFile {
  const path = join(mkdtempSync(join(tmpdir(), 'fairlead-trap-')), 'trap.onnx');
  writeFileSync(path, model);
  return { path, digest: createHash('sha256').update(model).digest('hex') };
}

export function trapRow(row: Partial<Record<(typeof COLUMNS)[number], number>> = {}): NamedTensor[] {
  return COLUMNS.map((name) => ({ name, datatype: 'FP32', shape: [1, 1], data: Float32Array.of(row[name] ?? 0) }));
}
