import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { workerEntry } from '../compute/index.js';
import { createInferenceHost, type InferenceHostOptions } from './inference-host.js';
import type { InferenceHost, NamedTensor } from './inference-types.js';
import { fixture, floats, numbersOf, steps } from './testing.js';

const hosts: InferenceHost[] = [];
const open = (options: InferenceHostOptions = {}) => {
  const host = createInferenceHost({ workers: 1, ...options });
  hosts.push(host);
  return host;
};
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

/** The real worker, but one that dies like a crashed one when it meets the value 666. */
function mortalWorker(): URL {
  const path = join(mkdtempSync(join(tmpdir(), 'fairlead-worker-')), 'mortal.mjs');
  const real = workerEntry(import.meta.url, 'inference-worker.js').href;
  writeFileSync(
    path,
    `import { parentPort } from 'node:worker_threads';
     import ${JSON.stringify(real)};
     parentPort.on('message', ({ inputs }) => { if (inputs?.[0].data[0] === 666) process.exit(9); });`,
  );
  return pathToFileURL(path);
}

describe('a loaded model', () => {
  it('computes a batch and tells its times', async () => {
    const model = await open({ workers: 2 }).load(fixture('affine'));
    expect(model).toMatchObject({ digest: fixture('affine').digest, metadata: { 'fairlead.kind': 'affine' } });
    const input = floats('x', [2, 2], [1, 2, 3, Number.NaN]);
    const { outputs, computeNs, queueNs } = await model.run([input]);
    expect(outputs).toEqual([floats('y', [2, 2], [3, 5, 7, Number.NaN])]);
    expect(computeNs).toBeGreaterThan(0);
    expect(queueNs).toBeGreaterThan(0);
    expect(input.data.length).toBe(4);
  });

  it('answers many callers each with their own result', async () => {
    const model = await open({ workers: 2 }).load(fixture('affine'));
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => model.run([floats('x', [1, 2], [i, -i])])));
    answers.forEach(({ outputs }, i) => {
      expect(numbersOf(outputs[0]?.data)).toEqual([2 * i + 1, 1 - 2 * i]);
    });
  });

  it('takes and gives text', async () => {
    const model = await open().load(fixture('one-hot'));
    const sky: NamedTensor = { name: 'sky', datatype: 'BYTES', shape: [3, 1], data: ['snow', 'hail', 'ü❄'] };
    const { outputs } = await model.run([sky]);
    expect(outputs.map((tensor) => numbersOf(tensor.data))).toEqual([
      [0, 1, 0, 0, 0, 0, 0, 0, 0],
      ['snow', 'hail', 'ü❄'],
    ]);
  });

  it.each(['thread', 'process'] as const)(
    'gives many texts, of few and of many kinds, from a %s',
    async (placement) => {
      const model = await open({ hosting: { placement } }).load(fixture('one-hot'));
      for (const kinds of [1, 3, 256, 257, 1000]) {
        const data = Array.from({ length: 1000 }, (_, i) => `ü${i % kinds}`);
        const { outputs } = await model.run([{ name: 'sky', datatype: 'BYTES', shape: [1000, 1], data }]);
        expect(outputs[1]).toEqual({ name: outputs[1]?.name, datatype: 'BYTES', shape: [1000, 1], data });
      }
    },
  );

  it('carries every datatype unchanged', async () => {
    const model = await open().load(fixture('all-types'));
    const data = {
      BOOL: Uint8Array.of(0, 1),
      UINT8: Uint8Array.of(0, 255),
      UINT16: Uint16Array.of(0, 65535),
      UINT32: Uint32Array.of(0, 2 ** 32 - 1),
      UINT64: BigUint64Array.of(0n, 2n ** 64n - 1n),
      INT8: Int8Array.of(-128, 127),
      INT16: Int16Array.of(-32768, 32767),
      INT32: Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
      INT64: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n),
      FP16: Uint16Array.of(0x3c00, 0x7c00),
      FP32: Float32Array.of(1.5, Number.POSITIVE_INFINITY),
      FP64: Float64Array.of(0.1, -0),
    };
    const inputs = model.inputs.map(({ name, datatype }) => ({
      name,
      datatype,
      shape: [2],
      data: data[datatype as keyof typeof data],
    }));
    expect(inputs.map((tensor) => tensor.datatype)).toEqual(Object.keys(data));
    const { outputs } = await model.run(inputs);
    expect(outputs).toEqual(inputs.map((tensor) => ({ ...tensor, name: tensor.name.replace('in_', 'out_') })));
  });

  it('never asks the runtime for a ZipMap', async () => {
    const model = await open().load(fixture('zipmap'));
    const { outputs } = await model.run([floats('x', [2, 2], [3, 3, -3, -3])]);
    expect(outputs).toEqual([{ name: 'label', datatype: 'INT64', shape: [2], data: BigInt64Array.of(1n, 0n) }]);
  });

  it('calls inputs that the model cannot compute the fault of the caller', async () => {
    const model = await open().load(fixture('one-hot-strict'));
    const hail: NamedTensor = { name: 'sky', datatype: 'BYTES', shape: [1, 1], data: ['hail'] };
    await expect(model.run([hail])).rejects.toMatchObject({ code: 'INF_RUN_FAILED', status: 422 });
    await expect(model.run([floats('sky', [1, 1], [1])])).rejects.toMatchObject({ code: 'INF_INPUT_DATATYPE' });
  });

  it('copies the inputs unless they are given away', async () => {
    const model = await open().load(fixture('affine'));
    const shared = new Float32Array([9, 1, 2, 9]);
    const view: NamedTensor = { name: 'x', datatype: 'FP32', shape: [1, 2], data: shared.subarray(1, 3) };
    expect(numbersOf((await model.run([view], { transferInputs: true })).outputs[0]?.data)).toEqual([3, 5]);
    expect([...shared]).toEqual([9, 1, 2, 9]);
    const own = floats('x', [1, 2], [1, 2]);
    await model.run([own], { transferInputs: true });
    expect(own.data.length).toBe(0);
  });
});

describe('the line in front of a model', () => {
  it('refuses what does not fit, computes the rest, and takes out what was aborted', async () => {
    const host = open({ maxQueuePerModel: 2 });
    const model = await host.load(fixture('slow'));
    const busy = [model.run([steps(2000)]), model.run([steps(10)])];
    const abort = new AbortController();
    const waiting = [model.run([steps(10)]), model.run([steps(10)], { signal: abort.signal })];
    await expect(model.run([steps(10)])).rejects.toMatchObject({ code: 'INF_OVERLOADED', status: 503 });
    abort.abort(new Error('client left'));
    await expect(waiting[1]).rejects.toThrow('client left');
    expect(host.stats().models).toMatchObject([{ queued: 1, inFlight: 2 }]);
    await expect(Promise.all([...busy, waiting[0]])).resolves.toHaveLength(3);
    await expect(model.run([steps(10)], { signal: abort.signal })).rejects.toThrow('client left');
    expect(host.stats().models).toMatchObject([{ queued: 0, inFlight: 0, runs: 3, failures: 0 }]);
  });

  it('is finished before an unload and before the end', async () => {
    const host = open();
    const model = await host.load(fixture('slow'));
    const runs = [model.run([steps(300)]), model.run([steps(300)]), model.run([steps(300)])];
    const unloaded = host.unload(model.digest);
    await expect(Promise.all(runs)).resolves.toHaveLength(3);
    await unloaded;
    await expect(model.run([steps(1)])).rejects.toMatchObject({ code: 'INF_NOT_LOADED' });
    expect(host.loaded()).toEqual([]);

    const again = await host.load(fixture('slow'));
    const last = [again.run([steps(300)]), again.run([steps(300)]), again.run([steps(300)])];
    const closed = host.close();
    await expect(again.run([steps(1)])).rejects.toMatchObject({ code: 'INF_NOT_LOADED' });
    await expect(Promise.all(last)).resolves.toHaveLength(3);
    await closed;
    await expect(host.load(fixture('affine'))).rejects.toMatchObject({ code: 'INF_NOT_LOADED' });
  });
});

describe('loading', () => {
  it('refuses bytes that are not the approved ones', async () => {
    const wrong = { ...fixture('affine'), digest: fixture('slow').digest };
    await expect(open().load(wrong)).rejects.toMatchObject({ code: 'INF_DIGEST_MISMATCH' });
  });

  it('hashes again in the worker, so that a file changed after its probe is not served', async () => {
    const host = open();
    const path = join(mkdtempSync(join(tmpdir(), 'fairlead-model-')), 'model.onnx');
    const { digest, path: original } = fixture('affine');
    writeFileSync(path, readFileSync(original));
    await host.load({ path, digest });
    await host.unload(digest);
    writeFileSync(path, readFileSync(fixture('one-hot').path));
    await expect(host.load({ path, digest })).rejects.toMatchObject({ code: 'INF_DIGEST_MISMATCH' });
    expect(host.loaded()).toEqual([]);
  });

  it('gives the same model to everyone who loads the same digest at the same time', async () => {
    const host = open();
    const [first, second] = await Promise.all([host.load(fixture('affine')), host.load(fixture('affine'))]);
    expect(second).toBe(first);
    expect(host.loaded()).toEqual([first]);
    await host.unload('f'.repeat(64));
  });
});

describe('a worker that dies', () => {
  it('fails only what it was computing; its replacement serves the same models', async () => {
    const host = open({ workerEntry: mortalWorker() });
    const [affine, oneHot] = [await host.load(fixture('affine')), await host.load(fixture('one-hot'))];
    const doomed = affine.run([floats('x', [1, 2], [666, 0])]);
    const inside = affine.run([floats('x', [1, 2], [1, 0])]);
    const behind = affine.run([floats('x', [1, 2], [2, 0])]);
    await expect(doomed).rejects.toMatchObject({ code: 'INF_WORKER_LOST', status: 503 });
    await expect(inside).rejects.toMatchObject({ code: 'INF_WORKER_LOST' });
    expect(numbersOf((await behind).outputs[0]?.data)).toEqual([5, 1]);
    const sky: NamedTensor = { name: 'sky', datatype: 'BYTES', shape: [1, 1], data: ['sun'] };
    expect((await oneHot.run([sky])).outputs).toHaveLength(2);
    expect(host.stats().workers).toEqual([{ ready: true, pid: null, inFlight: 0, restarts: 1 }]);
  });

  it('leaves the other workers serving', async () => {
    const host = open({ workers: 2, workerEntry: mortalWorker() });
    const affine = await host.load(fixture('affine'));
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) => affine.run([floats('x', [1, 2], [i === 5 ? 666 : i, 0])])),
    );
    const lost = answers.filter((answer) => answer.status === 'rejected');
    expect(lost.length).toBeGreaterThanOrEqual(1);
    expect(lost.length).toBeLessThanOrEqual(2);
    expect(lost.every((answer) => answer.reason.code === 'INF_WORKER_LOST')).toBe(true);
  });
});
