import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { probeModel } from './probe-model.js';
import { fixture, floats, numbersOf, steps } from './testing.js';

describe('probing a model', () => {
  it('describes it and runs the golden sample', async () => {
    const { path, digest } = fixture('affine');
    const probed = await probeModel(path, { goldenInputs: [floats('x', [1, 2], [1, 2])] });
    expect(probed).toMatchObject({
      digest,
      sizeBytes: readFileSync(path).byteLength,
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
      metadata: { 'fairlead.kind': 'affine' },
    });
    expect(numbersOf(probed.goldenOutputs?.[0]?.data)).toEqual([3, 5]);
  });

  it('leaves out a ZipMap and refuses a model that has nothing else', async () => {
    const { outputs } = await probeModel(fixture('zipmap').path);
    expect(outputs).toEqual([{ name: 'label', datatype: 'INT64', shape: [-1] }]);
    await expect(probeModel(fixture('zipmap-only').path)).rejects.toMatchObject({ code: 'INF_UNSUPPORTED_OUTPUT' });
  });

  it('refuses garbage, truncated and absent files, and a golden sample that does not fit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-probe-'));
    const garbage = join(folder, 'garbage.onnx');
    writeFileSync(garbage, 'not a model at all, just words');
    await expect(probeModel(garbage)).rejects.toMatchObject({ code: 'INF_MODEL_INVALID' });
    const bytes = readFileSync(fixture('affine').path);
    const cut = join(folder, 'cut.onnx');
    writeFileSync(cut, bytes.subarray(0, bytes.length >> 1));
    await expect(probeModel(cut)).rejects.toMatchObject({ code: 'INF_MODEL_INVALID' });
    await expect(probeModel(join(folder, 'absent'))).rejects.toMatchObject({ code: 'INF_FILE_UNREADABLE' });
    await expect(probeModel(fixture('affine').path, { goldenInputs: [] })).rejects.toMatchObject({
      code: 'INF_INPUT_MISSING',
    });
  });

  it('kills a model that does not come to an end', async () => {
    const endless = probeModel(fixture('slow').path, { timeoutMs: 1500, goldenInputs: [steps(2 ** 40)] });
    await expect(endless).rejects.toMatchObject({ code: 'INF_PROBE_TIMEOUT' });
  });
});
