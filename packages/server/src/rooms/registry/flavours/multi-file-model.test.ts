import { afterAll, describe, expect, it } from 'vitest';
import { createInferenceHost } from '../../../platform/inference/index.js';
import { externalModel, floats, numbersOf, WEIGHTS } from '../../../platform/inference/testing.js';
import { openFlavours } from './flavours.fixture.js';

describe('a model of several files', () => {
  const { examined, world } = openFlavours();
  const host = createInferenceHost({ workers: 1 });
  afterAll(() => host.close());

  const ML_MODEL = JSON.stringify({
    flavors: { onnx: { data: 'model.onnx' } },
    signature: { inputs: JSON.stringify(['a', 'b', 'c', 'd'].map((name) => ({ type: 'float', name }))) },
  });
  const whole = { MLmodel: ML_MODEL, 'model.onnx': externalModel(), 'model.onnx.data': WEIGHTS };

  it('is one package with one digest, and keeps what was uploaded', async () => {
    const { packaged, notServable } = await examined('whole', whole);
    expect(notServable).toBeNull();
    expect(packaged?.files.map(({ path }) => path)).toEqual([
      'model.onnx',
      'original/model.onnx',
      'original/model.onnx.data',
    ]);
    const digest = packaged?.digest ?? '';
    const model = await host.load({ path: await world().objects.localPath(digest), digest });
    expect(JSON.parse(model.metadata['fairlead.folded-from'] ?? '')).toEqual(
      Object.fromEntries(packaged?.files.slice(1).map((file) => [file.path, file.digest]) ?? []),
    );
    const cells = [1, 0, 0, 2];
    const { outputs } = await model.run(
      ['a', 'b', 'c', 'd'].map((name, at) => floats(name, [1, 1], [cells[at] as number])),
    );
    expect(numbersOf(outputs[0]?.data)).toEqual([16.5]);
  });

  it('has another digest when one byte of a side file is another', async () => {
    const changed = Buffer.from(WEIGHTS);
    changed.writeFloatLE(9, 4);
    const [one, same, other] = [
      await examined('one', whole),
      await examined('same', whole),
      await examined('other', { ...whole, 'model.onnx.data': changed }),
    ];
    expect(same.packaged?.digest).toBe(one.packaged?.digest);
    expect(other.packaged?.digest).not.toBe(one.packaged?.digest);
  });

  it('needs no MLmodel file: its columns have the name of its tensor then', async () => {
    const { 'model.onnx': onnx, 'model.onnx.data': data } = whole;
    const record = await examined('bare', { 'net.onnx': onnx, 'model.onnx.data': data });
    expect(record).toMatchObject({ servable: 'yes', flavours: ['onnx'] });
    expect(record.packaged?.signature.inputs.map(({ name }) => name)).toEqual(['x_0', 'x_1', 'x_2', 'x_3']);
    const several = await examined('several', { 'a.onnx': onnx, 'b.onnx': onnx });
    expect(several.notServable).toContain('2 ONNX files');
  });

  it.each([
    ['a side file is missing', { 'model.onnx.data': undefined }, /INF_EXTERNAL_MISSING: Tensor b .*model\.onnx\.data/],
    [
      'a side file is cut short',
      { 'model.onnx.data': WEIGHTS.subarray(0, 10) },
      /INF_EXTERNAL_RANGE: Tensor b .* has 10/,
    ],
    [
      'a tensor leads to the files of another run',
      { 'model.onnx': externalModel({ weights: { location: '../../../run2/artifacts/w' } }) },
      /INF_EXTERNAL_PATH: Tensor w .*run2/,
    ],
    [
      'a tensor leads there escaped',
      { 'model.onnx': externalModel({ weights: { location: '%2e%2e/whole/model.onnx.data' } }) },
      /INF_EXTERNAL_(PATH|MISSING): Tensor w/,
    ],
    ['its model file is not there', { 'model.onnx': undefined }, /REG_FILE_MISSING/],
  ])('cannot be served when %s, and says which', async (name, change, reason) => {
    const files = Object.entries({ ...whole, ...change }).filter((entry) => entry[1] !== undefined);
    const record = await examined(name, Object.fromEntries(files) as Record<string, string>);
    expect(record).toMatchObject({ servable: 'no', notServable: expect.stringMatching(reason) });
  });
});
