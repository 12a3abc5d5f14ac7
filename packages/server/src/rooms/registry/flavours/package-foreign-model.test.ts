import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createInferenceHost, type NamedTensor } from '../../../platform/inference/index.js';
import { imageModel } from '../../../platform/inference/testing.js';
import { context } from '../catalogue/catalogue.fixture.js';
import type { VersionRecord } from '../catalogue/catalogue-types.js';
import { openFlavours } from './flavours.fixture.js';

// Models and answers made by fixtures/make-models.py: scikit-learn 1.9.1, skl2onnx, onnxruntime, MLflow 3.17.2.
const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url);
const golden = JSON.parse(readFileSync(fixture('golden.json'), 'utf8')) as {
  rows: number[][];
} & Record<string, { labels: string[]; probabilities: number[][] }>;

describe('an ONNX model that came from elsewhere', () => {
  const { examined: examinedFiles, register, settled, world } = openFlavours();
  const host = createInferenceHost({ workers: 1 });
  afterAll(() => host.close());

  const filesOf = (name: string) =>
    Object.fromEntries(['MLmodel', 'model.onnx'].map((file) => [file, readFileSync(fixture(`${name}/${file}`))]));
  async function examined(name: string): Promise<VersionRecord> {
    const made = await register(name, filesOf(name));
    expect(made).toMatchObject({ servable: 'pending', flavours: ['onnx', 'python_function'] });
    return settled(made.version);
  }
  const examinedBytes = (name: string, bytes: Uint8Array) => examinedFiles(name, { 'model.onnx': bytes });
  async function run(record: VersionRecord, columns: Readonly<Record<string, readonly (number | string)[]>>) {
    const digest = record.packaged?.digest ?? '';
    const model = await host.load({ path: await world().objects.localPath(digest), digest });
    const inputs = Object.entries(columns).map(([name, cells]): NamedTensor => {
      const shape = [cells.length, 1];
      return typeof cells[0] === 'string'
        ? { name, datatype: 'BYTES', shape, data: cells.map(String) }
        : { name, datatype: 'FP32', shape, data: Float32Array.from(cells as number[]) };
    });
    const { outputs } = await model.run(inputs);
    return Object.fromEntries(outputs.map((tensor) => [tensor.name, tensor]));
  }

  it.each(['lr-zipmap', 'lr-plain', 'rf-names', 'rf-negative'])(
    '%s answers as it does where it came from',
    async (name) => {
      const record = await examined(name);
      expect(record).toMatchObject({ servable: 'yes', notServable: null });
      const { signature, parity, reportDigest } = record.packaged ?? {};
      expect([parity, reportDigest]).toEqual([null, null]);
      expect(signature?.task).toBe('classification');
      const columns = signature?.inputs.map((input) => input.name) ?? [];
      if (['lr-plain', 'rf-negative'].includes(name)) expect(columns).toEqual(['X_0', 'X_1', 'X_2', 'X_3']);
      else expect(columns[1]).toBe('sepal width (cm)');
      const cells = Object.fromEntries(
        columns.map((column, at) => [column, golden.rows.map((row) => row[at] as number)]),
      );
      const { label, probabilities } = await run(record, cells);
      expect(Array.from(label?.data as ArrayLike<unknown>, String)).toEqual(golden[name]?.labels);
      const width = signature?.labels.length ?? 0;
      expect(probabilities?.shape).toEqual([golden.rows.length, width]);
      const flat = golden[name]?.probabilities.flat() ?? [];
      const got = Array.from((probabilities?.data ?? []) as Float32Array);
      expect(got).toHaveLength(flat.length);
      for (const [at, value] of flat.entries()) expect(got[at]).toBeCloseTo(value, 6);
      // Each row's label is the one with the greatest probability, so the labels stand in the order of the columns.
      for (const [row, expected] of golden[name]?.labels.entries() ?? []) {
        const shares = flat.slice(row * width, (row + 1) * width);
        expect(signature?.labels[shares.indexOf(Math.max(...shares))]).toBe(expected);
      }
    },
  );

  it('with several inputs of several types keeps their names', async () => {
    const record = await examined('pipeline');
    expect(record.notServable).toBeNull();
    expect(record.packaged?.signature.inputs).toEqual([
      { name: 'wind', type: 'number', nullable: false },
      { name: 'sky', type: 'string', nullable: false, categories: ['clear', 'fog', 'rain'] },
      { name: 'hour', type: 'integer', nullable: false },
    ]);
    const { label } = await run(record, { wind: [9, 0], sky: ['rain', 'clear'], hour: [1, 2] });
    expect(Array.from(label?.data as string[])).toEqual(['yes', 'no']);
  });

  it('that gives one number is a regression', async () => {
    const record = await examined('gb-number');
    expect(record.packaged?.signature).toMatchObject({ task: 'regression', labels: [] });
    const columns = record.packaged?.signature.inputs.map(({ name }) => [name, [0, 0.01]]) ?? [];
    const { prediction } = await run(record, Object.fromEntries(columns));
    expect(prediction?.data).toHaveLength(2);
  });

  it('is recorded with the reason when endpoints cannot answer with it', async () => {
    expect((await examined('double')).notServable).toContain('FP64');
    const huge = await examinedBytes('huge', imageModel({ placeOnly: true, side: 101 }));
    expect(huge.notServable).toContain('10201 columns');
    await expect(world().service.version('m', huge.version)).rejects.toMatchObject({ code: 'REG_NOT_SERVABLE' });
  });

  it('may give several numbers per row', async () => {
    const record = await examined('logits');
    expect(record.packaged?.signature).toMatchObject({ task: 'regression', ownTensor: { name: 'x', shape: [-1, 4] } });
    const cells = Object.fromEntries(['x_0', 'x_1', 'x_2', 'x_3'].map((name, at) => [name, [at - 1]]));
    const { prediction } = await run(record, cells);
    expect([prediction?.shape, Array.from(prediction?.data as Float32Array)]).toEqual([
      [1, 4],
      [0, 0, 1, 2],
    ]);
  });

  it('may read an image, and give whole numbers and more outputs', async () => {
    const pixels = Object.fromEntries([7, 9, 250, 0].map((pixel, at) => [`image_${at}`, [pixel]]));
    const record = await examinedBytes('image', imageModel());
    expect(record.packaged?.signature).toMatchObject({
      ownTensor: { name: 'image', datatype: 'UINT8', shape: [-1, 2, 2, 1] },
      inputs: [0, 1, 2, 3].map((at) => ({ name: `image_${at}`, type: 'integer', nullable: false })),
    });
    const { prediction, place, pixels: all } = await run(record, pixels);
    expect([prediction?.data, place?.data, all?.data]).toEqual([
      Float32Array.of(250),
      BigInt64Array.of(2n),
      Float32Array.of(7, 9, 250, 0),
    ]);
    const { prediction: alone } = await run(await examinedBytes('place', imageModel({ placeOnly: true })), pixels);
    expect([alone?.datatype, alone?.data]).toEqual(['FP64', Float64Array.of(2)]);
  });

  it('is recorded whatever its files contain', async () => {
    const onnx = 'flavors: {onnx: {data: model.onnx}}';
    const bombs = [
      ['not YAML', 'flavors: [', 'YAML'],
      ['a tag', 'flavors: {onnx: !!python/object/apply:os.system ["true"]}', 'does not say where'],
      [
        'a bomb of aliases',
        `a: &a [x,x]\n${'bcdefghij'
          .split('')
          .map((c, i) => `${c}: &${c} [*${'abcdefghij'[i]},*${'abcdefghij'[i]}]`)
          .join('\n')}\nflavors: {onnx: {}}`,
        '',
      ],
      ['a path outside', 'flavors: {onnx: {data: ../../other/model.onnx}}', 'does not say where'],
      ['no flavours', 'x: 1', 'no map `flavors`'],
      ['garbage', onnx, 'not an ONNX model'],
      ['no file', onnx, 'is not there'],
    ] as const;
    for (const [what, mlModel, reason] of bombs) {
      const garbage = what === 'garbage' && { 'model.onnx': 'not a model' };
      const record = await examinedFiles(what, { MLmodel: mlModel, ...garbage });
      expect(record.servable, what).toBe('no');
      expect(record.notServable, what).toContain(reason);
    }
  });

  it('is examined again when its files came later', async () => {
    const { catalogue, content } = world();
    const { version } = await register('late', {});
    expect((await settled(version)).notServable).toContain('no MLmodel');
    for (const [file, bytes] of Object.entries(filesOf('lr-zipmap')))
      content.set(`0/run1/artifacts/late/${file}`, bytes);
    expect(await catalogue.examine(context, 'm', version)).toMatchObject({ servable: 'pending' });
    await expect(world().service.version('m', version)).rejects.toMatchObject({ code: 'REG_NOT_EXAMINED' });
    const found = await settled(version);
    expect(found.packaged).not.toBeNull();
    const copy = await catalogue.createVersion(context, { model: 'm', source: `model:m/${version}` });
    expect(copy.packaged?.digest).toBe(found.packaged?.digest);
  });
});
