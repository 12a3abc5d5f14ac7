import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { createInferenceHost, type InferenceHost, JOINED, type NamedTensor } from './index.js';
import { liftBorders } from './lift-borders.js';
import { fixture, floats, numbersOf } from './testing.js';

let host: InferenceHost | undefined;
afterEach(() => host?.close());

const lift = (name: string) => liftBorders(readFileSync(fixture(name).path));
const load = (name: string) => {
  host = createInferenceHost({ workers: 1 });
  return host.load(fixture(name));
};
/** Two rows whose largest cells are b and c. */
const columns = () => [floats('a', [2, 1], [1, 2]), floats('b', [2, 1], [5, 3]), floats('c', [2, 1], [4, 6])];
const joint = (names: readonly string[], values: readonly number[]): NamedTensor => ({
  ...floats(JOINED, [values.length / names.length, names.length], values),
  columns: names,
});
const texts = (outputs: readonly NamedTensor[]) =>
  outputs.map(({ name, datatype, shape, data }) => [name, datatype, shape, numbersOf(data)]);
const ANSWER = [
  ['label', 'BYTES', [2], ['wet', 'snow']],
  ['scores', 'FP32', [2, 3], [1, 5, 4, 2, 3, 6]],
];

describe('the borders of a graph', () => {
  it('are lifted where they only join columns or look labels up', () => {
    expect(lift('lifted')).toMatchObject({
      joined: { name: 'joint', columns: ['a', 'b', 'c'] },
      lookups: [{ output: 'label', code: 'fl/code/label', texts: ['dry', 'wet', 'snow'] }],
    });
    // The columns are joined in another order than that of the inputs.
    expect(lift('lifted-labels-only')).toMatchObject({ joined: undefined, lookups: [{ output: 'label' }] });
    // The places are not ArgMax's own, which are known to be in the list.
    expect(lift('lifted-columns-only')).toMatchObject({ joined: { columns: ['a', 'b', 'c'] }, lookups: [] });
    for (const other of [
      'lifted-nothing',
      'hostile/repeated-input',
      'hostile/repeated-output',
      'hostile/repeated-node',
      'affine',
      'one-hot',
      'slow',
      'zipmap',
      'all-types',
    ]) {
      expect(lift(other), other).toBeUndefined();
    }
    expect(() => liftBorders(Buffer.from('no model'))).toThrow(/no protobuf message/);
  });

  it.each(['lifted', 'lifted-labels-only', 'lifted-columns-only'])('show nowhere that they were: %s', async (name) => {
    const model = await load(name);
    expect(model.inputs).toEqual(['a', 'b', 'c'].map((each) => ({ name: each, datatype: 'FP32', shape: [-1, 1] })));
    expect(model.outputs).toEqual([
      { name: 'label', datatype: 'BYTES', shape: [-1] },
      { name: 'scores', datatype: 'FP32', shape: [-1, 3] },
    ]);
    const { outputs } = await model.run(columns().reverse());
    const order = name === 'lifted-labels-only' ? [4, 1, 5, 6, 2, 3] : [1, 5, 4, 2, 3, 6];
    expect(texts(outputs)[1]).toEqual(['scores', 'FP32', [2, 3], order]);
    const [only] = (await model.run(columns(), { outputs: ['label'] })).outputs;
    expect(numbersOf(only?.data)).toEqual(name === 'lifted-labels-only' ? ['snow', 'dry'] : ['wet', 'snow']);
  });

  it('let rows come as one tensor with the same answer, in threads and processes', async () => {
    const model = await load('lifted');
    expect(model.joins).toBe(true);
    expect(texts((await model.run(columns())).outputs)).toEqual(ANSWER);
    const rows = joint(['a', 'b', 'c'], [1, 5, 4, 2, 3, 6]);
    expect(texts((await model.run([rows])).outputs)).toEqual(ANSWER);
    const own = await host?.load({ ...fixture('lifted'), hosting: { placement: 'process' }, instance: 'own' });
    expect(texts((await own?.run([rows]))?.outputs ?? [])).toEqual(ANSWER);
  });

  it('refuse one tensor that is not of these columns, or of another size', async () => {
    const model = await load('lifted');
    const swapped = joint(['b', 'a', 'c'], [1, 5, 4]);
    await expect(model.run([swapped])).rejects.toMatchObject({ code: 'INF_INPUT_UNKNOWN' });
    const short = { ...joint(['a', 'b', 'c'], [1, 5, 4]), shape: [2, 3] };
    await expect(model.run([short])).rejects.toMatchObject({ code: 'INF_INPUT_SIZE' });
    const whole = { ...joint(['a', 'b', 'c'], [1, 5, 4]), datatype: 'FP64' as const, data: Float64Array.of(1, 5, 4) };
    await expect(model.run([whole])).rejects.toMatchObject({ code: 'INF_INPUT_DATATYPE' });
    await expect(model.run(columns().slice(1))).rejects.toMatchObject({ code: 'INF_INPUT_MISSING' });
    const uneven = [floats('a', [1, 1], [1]), ...columns().slice(1)];
    await expect(model.run(uneven)).rejects.toMatchObject({ code: 'INF_RUN_FAILED' });
    const stays = await host?.load(fixture('lifted-nothing'));
    await expect(stays?.run([joint(['a', 'b', 'c'], [1, 5, 4])])).rejects.toMatchObject({ code: 'INF_INPUT_UNKNOWN' });
  });

  it('fail the run, as the runtime does, when a place is not in the list', async () => {
    const model = await load('lifted-few-labels');
    await expect(model.run(columns())).rejects.toMatchObject({ code: 'INF_RUN_FAILED' });
    await expect(
      model.run(columns().map((each) => ({ ...each, shape: [1, 1], data: (each.data as Float32Array).slice(0, 1) }))),
    ).resolves.toBeDefined();
  });
});
