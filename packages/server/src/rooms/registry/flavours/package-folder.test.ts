import { describe, expect, it } from 'vitest';
import { readFileSet } from '../../../platform/objects/index.js';
import { openFlavours } from './flavours.fixture.js';

const columns = (...fields: (readonly [string, string])[]) =>
  JSON.stringify(fields.map(([name, type]) => ({ name, type, required: name !== 'wind' })));

const tensor = (dtype: string, shape: readonly number[], name?: string) =>
  JSON.stringify([{ type: 'tensor', 'tensor-spec': { dtype, shape }, ...(name !== undefined && { name }) }]);

interface Signature {
  readonly inputs?: string;
  readonly outputs?: string;
  readonly labels?: readonly unknown[];
}

const mlModel = ({ inputs, outputs, labels }: Signature, flavour = 'sklearn') =>
  JSON.stringify({
    flavors: { [flavour]: { pickled_model: 'model.pkl' }, python_function: { loader_module: `mlflow.${flavour}` } },
    ...(inputs !== undefined && { signature: { inputs, ...(outputs !== undefined && { outputs }) } }),
    ...(labels !== undefined && { metadata: { 'fairlead.labels': labels } }),
  });

const weather = columns(
  ['wind', 'double'],
  ['sky', 'string'],
  ['cars', 'long'],
  ['dry', 'boolean'],
  ['at', 'datetime'],
);
const number = JSON.stringify([{ type: 'double' }]);

describe('a folder that only a program can load', () => {
  const { examined, world } = openFlavours();
  let made = 0;
  const of = async (signature: Signature, more: Readonly<Record<string, string>> = {}) => {
    made += 1;
    return examined(`of-${made}`, { MLmodel: mlModel(signature), 'model.pkl': 'never loaded', ...more });
  };

  it('is a package whose digest covers every file and whose signature is that of its MLmodel file', async () => {
    const { servable, flavours, packaged } = await of({ inputs: weather, outputs: number });
    expect([servable, flavours]).toEqual(['yes', ['python_function', 'sklearn']]);
    expect(packaged).toMatchObject({ form: 'folder', parity: null, signature: { task: 'regression', labels: [] } });
    expect(packaged?.signature.inputs).toEqual([
      { name: 'wind', type: 'number', nullable: true },
      { name: 'sky', type: 'string', nullable: false },
      { name: 'cars', type: 'integer', nullable: false },
      { name: 'dry', type: 'boolean', nullable: false },
      { name: 'at', type: 'timestamp', nullable: false },
    ]);
    expect(packaged?.files.map(({ path }) => path)).toEqual(['MLmodel', 'model.pkl']);
    const listed = Object.fromEntries(packaged?.files.map(({ path, digest }) => [path, digest]) ?? []);
    expect(await readFileSet(world().objects, packaged?.digest ?? '')).toEqual(listed);
    const same = await of({ inputs: weather, outputs: number });
    const other = await of({ inputs: weather, outputs: number }, { 'model.pkl': 'other weights' });
    expect([same.packaged?.digest === packaged?.digest, other.packaged?.digest === packaged?.digest]).toEqual([
      true,
      false,
    ]);
  });

  it.each([
    ['says its labels', { labels: ['no', 'yes'], outputs: JSON.stringify([{ type: 'string' }]) }, ['no', 'yes']],
    ['has labels that are numbers', { labels: [0, 1], outputs: JSON.stringify([{ type: 'long' }]) }, ['0', '1']],
    ['answers true or false', { outputs: JSON.stringify([{ type: 'boolean' }]) }, ['false', 'true']],
  ])('is a classifier when it %s', async (_, given, labels) => {
    const { packaged } = await of({ inputs: weather, ...given });
    expect(packaged?.signature).toMatchObject({ task: 'classification', labels });
  });

  it('may read one tensor of numbers', async () => {
    const { packaged } = await of({ inputs: tensor('float64', [-1, 3]), outputs: tensor('float64', [-1]) });
    expect(packaged?.signature).toMatchObject({ tensor: { name: null }, task: 'regression' });
    expect(packaged?.signature.inputs.map(({ name }) => name)).toEqual(['input_0', 'input_1', 'input_2']);
    const named = await of({ inputs: tensor('int64', [-1, 1], 'x'), outputs: number });
    expect(named.packaged?.signature).toMatchObject({
      tensor: { name: 'x' },
      inputs: [{ name: 'x', type: 'integer', nullable: false }],
    });
  });

  it('is tried with the rows of its own example, those that fit', async () => {
    const split = {
      columns: ['sky', 'wind'],
      data: [
        ['clear', 0.5],
        [null, 1],
        ['grey', 'x'],
        ['rain', 2],
      ],
    };
    const inputs = columns(['wind', 'double'], ['sky', 'string']);
    const forms = [
      { 'serving_input_example.json': JSON.stringify({ dataframe_split: split }) },
      { 'input_example.json': JSON.stringify(split) },
    ];
    for (const form of forms) {
      const { packaged } = await of({ inputs, outputs: number }, form);
      expect(packaged?.signature.inputs.map(({ examples }) => examples)).toEqual([
        [0.5, 2],
        ['clear', 'rain'],
      ]);
    }
    for (const text of ['{', '[]', '{"inputs": 3}', 'null', '{"dataframe_split": {"columns": [1], "data": [1]}}']) {
      const { packaged } = await of({ inputs, outputs: number }, { 'input_example.json': text });
      expect(packaged?.signature.inputs.map(({ examples }) => examples)).toEqual([undefined, undefined]);
    }
    const rows = JSON.stringify({
      inputs: [
        [1, 2],
        [3, 4],
      ],
    });
    const { packaged } = await of(
      { inputs: tensor('float32', [-1, 2]), outputs: number },
      { 'serving_input_example.json': rows },
    );
    expect(packaged?.signature.inputs.map(({ examples }) => examples)).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  it.each([
    ['no signature', {}, 'has no signature of its inputs'],
    [
      'texts as answers and no labels',
      { inputs: weather, outputs: JSON.stringify([{ type: 'string' }]) },
      'fairlead.labels',
    ],
    ['a column of lists', { inputs: columns(['a', 'array']), outputs: number }, 'a is of the type array'],
    ['an image', { inputs: tensor('float32', [-1, 28, 28, 1]), outputs: number }, '[-1, 28, 28, 1]'],
    ['a tensor of texts', { inputs: tensor('str', [-1, 2]), outputs: number }, 'str [-1, 2]'],
    ['a column twice', { inputs: columns(['a', 'double'], ['a', 'double']), outputs: number }, "'a' stands twice"],
  ] as [string, Signature, string][])('cannot be served with %s, and says why', async (_, signature, reason) => {
    const record = await of(signature);
    expect(record).toMatchObject({ servable: 'no', notServable: expect.stringContaining(reason), packaged: null });
    expect(record.notServable).toContain('its flavours are python_function, sklearn, which only a program can load');
  });
});
