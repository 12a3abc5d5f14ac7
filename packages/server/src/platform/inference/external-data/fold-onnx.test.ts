import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeModel } from '../probe-model.js';
import { externalModel, WEIGHTS } from './external-model.fixture.js';
import { foldOnnx, sideFilesOf } from './fold-onnx.js';
import { localSideFiles } from './local-side-files.js';

let base: string;
let folder: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'fairlead-fold-'));
  folder = join(base, 'model');
  mkdirSync(folder);
  writeFileSync(join(folder, 'model.onnx.data'), WEIGHTS);
  writeFileSync(join(base, 'secret'), WEIGHTS);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

async function folded(model: Buffer): Promise<Buffer> {
  const found = await foldOnnx(model, localSideFiles(folder));
  const pieces: Uint8Array[] = [];
  for await (const piece of found?.bytes() ?? []) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  expect(bytes.length).toBe(found?.sizeBytes);
  return bytes;
}

const sha1 = createHash('sha1').update(WEIGHTS).digest('hex');

describe('a model of several files', () => {
  it('becomes one that the runtime opens, with the numbers of the side files', async () => {
    const model = externalModel();
    expect(sideFilesOf(model)).toEqual(['model.onnx.data']);
    const path = join(base, 'one.onnx');
    writeFileSync(path, await folded(model));
    const x = { name: 'x', datatype: 'FP32' as const, shape: [2, 4], data: Float32Array.of(1, 1, 1, 1, 0, 0, 0, 2) };
    const { goldenOutputs } = await probeModel(path, { goldenInputs: [x] });
    expect([...(goldenOutputs?.[0]?.data ?? [])]).toEqual([17.5, 14.5]);
  });

  it('gives equal bytes for equal files, and a model of one file stays as it is', async () => {
    const once = await folded(externalModel());
    expect(once.equals(await folded(externalModel()))).toBe(true);
    expect(await foldOnnx(once, localSideFiles(folder))).toBeNull();
    expect(sideFilesOf(once)).toEqual([]);
  });

  it('may say no offset, no length, a checksum, a sub-folder and a part that is a dot', async () => {
    mkdirSync(join(folder, 'parts'));
    writeFileSync(join(folder, 'parts/w.bin'), WEIGHTS);
    const weights = { location: './parts/w.bin', checksum: sha1.toUpperCase() };
    expect(sideFilesOf(externalModel({ weights }))).toEqual(['model.onnx.data', 'parts/w.bin']);
    const same = await folded(externalModel());
    expect((await folded(externalModel({ weights }))).equals(same)).toBe(true);
  });

  it('may have links within its folder', async () => {
    symlinkSync('model.onnx.data', join(folder, 'link'));
    expect((await folded(externalModel({ weights: { location: 'link' } }))).length).toBeGreaterThan(0);
  });
});

describe('a model whose side files are not to be read', () => {
  const at = (location: string) => ({ weights: { location, offset: '0', length: '16' } });
  it.each([
    ['above the folder', at('../secret'), 'INF_EXTERNAL_PATH', /Tensor w .*'\.\.\/secret'.*leads out/],
    ['above it from within', at('a/../../secret'), 'INF_EXTERNAL_PATH', /leads out/],
    ['at an absolute path', at('/etc/hostname'), 'INF_EXTERNAL_PATH', /absolute/],
    ['at an address', at('file:///etc/hostname'), 'INF_EXTERNAL_PATH', /absolute/],
    ['on a drive', at('C:\\secret'), 'INF_EXTERNAL_PATH', /backslash/],
    ['at a path with a NUL', at('model.onnx.data\0.txt'), 'INF_EXTERNAL_PATH', /control character/],
    ['at an empty path', at(''), 'INF_EXTERNAL_PATH', /names no file/],
    ['at the runtime’s mark for memory', at('*/_ORT_MEM_ADDR_/*'), 'INF_EXTERNAL_MISSING', /not beside the model/],
    ['in a folder', at('sub'), 'INF_EXTERNAL_MISSING', /Tensor w .* sub/],
    ['in a file that is not there', at('absent.bin'), 'INF_EXTERNAL_MISSING', /Tensor w .*absent\.bin/],
    [
      'beyond the end',
      { weights: { location: 'model.onnx.data', offset: '8' } },
      'INF_EXTERNAL_RANGE',
      /bytes 8 to 24 .* has 20/,
    ],
    ['before the begin', { weights: { location: 'model.onnx.data', offset: '-4' } }, 'INF_EXTERNAL_RANGE', /'-4'/],
    ['at no number', { weights: { location: 'model.onnx.data', offset: '9e99' } }, 'INF_EXTERNAL_RANGE', /'9e99'/],
    [
      'with another length than its shape',
      { weights: { location: 'model.onnx.data', length: '12' } },
      'INF_EXTERNAL_RANGE',
      /12 bytes .* expected 16/,
    ],
    [
      'of a size that nothing has',
      { weights: { location: 'model.onnx.data' }, weightDims: [2 ** 40, 2 ** 40] },
      'INF_MODEL_INVALID',
      /Tensor w/,
    ],
    [
      'of more than an ONNX file holds',
      { weights: { location: 'model.onnx.data' }, weightDims: [2 ** 30, 1] },
      'INF_EXTERNAL_TOO_LARGE',
      /expected at most 2147483647/,
    ],
    [
      'with another checksum',
      { weights: { location: 'model.onnx.data', checksum: '0'.repeat(40) } },
      'INF_EXTERNAL_CHECKSUM',
      new RegExp(`model\\.onnx\\.data.*${sha1}`),
    ],
    [
      'in two files',
      { weights: [{ location: 'model.onnx.data' }, { location: 'other' }] },
      'INF_MODEL_INVALID',
      /location twice/,
    ],
  ])('%s is refused by tensor and file', async (_, placed, code, message) => {
    mkdirSync(join(folder, 'sub'));
    await expect(folded(externalModel(placed))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('is refused when a link or a linked folder leads out', async () => {
    symlinkSync('../secret', join(folder, 'link'));
    symlinkSync('..', join(folder, 'up'));
    for (const location of ['link', 'up/secret']) {
      await expect(folded(externalModel(at(location)))).rejects.toMatchObject({ code: 'INF_EXTERNAL_PATH' });
    }
  });

  it('is refused when it makes much of a small file, and when it is cut short anywhere', async () => {
    writeFileSync(join(folder, 'byte'), Buffer.alloc(4));
    const many = externalModel({ weights: { location: 'byte' }, weightDims: [1, 1] });
    await expect(folded(Buffer.concat(Array.from({ length: 9 }, () => many)))).rejects.toMatchObject({
      code: 'INF_EXTERNAL_RANGE',
      message: expect.stringMatching(/36 bytes of byte, which has 4/),
    });
    const whole = externalModel();
    for (let length = 1; length < whole.length; length += 7) {
      await folded(whole.subarray(0, length)).catch((error: { code?: string }) => {
        expect(error.code).toMatch(/^INF_(MODEL_INVALID|EXTERNAL_)/);
      });
    }
  });
});
