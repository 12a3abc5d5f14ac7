import { afterEach, describe, expect, it } from 'vitest';
import { createInferenceHost, type InferenceHost } from './index.js';
import { mayRunOnLoop } from './loop-rules.js';
import { LoopRuns } from './loop-runs.js';
import { openOnnxModel } from './open-onnx-model.js';
import { fixture, numbersOf } from './testing.js';

let host: InferenceHost | undefined;
afterEach(() => host?.close());

const skies = (...data: string[]) => [{ name: 'sky', datatype: 'BYTES' as const, shape: [data.length, 1], data }];
const open = async () => {
  const { path, digest } = fixture('one-hot-strict');
  return openOnnxModel(path, digest);
};

describe('a model on the event loop', () => {
  it('is one whose operators are all known to be bounded, and that is small', () => {
    const operators = ['Concat', 'MatMul', 'ai.onnx.ml.TreeEnsembleRegressor'];
    expect(mayRunOnLoop({ operators, sizeBytes: 1000 })).toBe(true);
    expect(mayRunOnLoop({ operators, sizeBytes: 9 * 2 ** 20 })).toBe(false);
    expect(mayRunOnLoop({ operators: [], sizeBytes: 1000 })).toBe(false);
    for (const other of ['Loop', 'If', 'Scan', 'Expand', 'NonZero', 'com.microsoft.Tokenizer', 'evil.Add']) {
      expect(mayRunOnLoop({ operators: [...operators, other], sizeBytes: 1000 })).toBe(false);
    }
  });

  it('answers as in a thread, counts its runs and fails only what it cannot compute', async () => {
    const loop = await LoopRuns.measure(await open(), skies('rain'));
    if (loop === undefined) throw new Error('the model is too slow for the loop of this machine');
    const { outputs, computeNs, queueNs } = await loop.run(skies('sun', 'rain'), ['hot']);
    expect(outputs.map(({ shape, data }) => [shape, numbersOf(data)])).toEqual([
      [
        [2, 1, 3],
        [0, 0, 1, 1, 0, 0],
      ],
    ]);
    expect(computeNs).toBeGreaterThan(0);
    expect(queueNs).toBeGreaterThanOrEqual(0);
    await expect(loop.run(skies('hail'), ['hot'])).rejects.toMatchObject({ code: 'INF_RUN_FAILED' });
    expect(loop.stats()).toEqual({ inFlight: 0, runs: 1, failures: 1 });
    await loop.release();
  });

  it('takes no run of more rows than fit into its share of the loop, and no more work than a little at once', async () => {
    const loop = await LoopRuns.measure(await open(), skies('rain'));
    if (loop === undefined) throw new Error('the model is too slow for the loop of this machine');
    expect(loop.takes(1)).toBe(true);
    expect(loop.takes(10_000_000)).toBe(false);
    const many = Array.from({ length: 5000 }, () => loop.run(skies('rain'), ['hot']));
    expect(loop.takes(1)).toBe(false);
    await Promise.all(many);
    await loop.idle();
    expect(loop.stats()).toMatchObject({ inFlight: 0, runs: 5000 });
    await loop.release();
  });

  it('is used by a host that was told to, and left when the model is unloaded', async () => {
    host = createInferenceHost({ workers: 1, useLoop: true });
    const file = fixture('one-hot-strict');
    const model = await host.load({ ...file, goldenInputs: skies('rain') });
    await Promise.all(['sun', 'snow', 'rain'].map((sky) => model.run(skies(sky))));
    expect(host.stats().models[0]).toMatchObject({ runs: 3, failures: 0, inFlight: 0 });
    await host.unload(file.digest);
    await expect(model.run(skies('sun'))).rejects.toMatchObject({ code: 'INF_NOT_LOADED' });
  });
});
