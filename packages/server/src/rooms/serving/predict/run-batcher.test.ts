import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createInferenceHost,
  type InferenceHost,
  type LoadedModel,
  type NamedTensor,
  RunCost,
} from '../../../platform/inference/index.js';
import { fixture, numbersOf } from '../../../platform/inference/testing.js';
import { measureJointRuns } from './measure-joint-runs.js';
import { RunBatcher } from './run-batcher.js';

let host: InferenceHost;
let model: LoadedModel;
beforeAll(async () => {
  host = createInferenceHost({ workers: 1 });
  // Turns rain, snow and sun into ones and zeros, and fails on any other word.
  model = await host.load(fixture('one-hot-strict'));
});
afterAll(() => host.close());

const skies = (...data: string[]): NamedTensor[] => [{ name: 'sky', datatype: 'BYTES', shape: [data.length, 1], data }];
const HOT = { rain: [1, 0, 0], snow: [0, 1, 0], sun: [0, 0, 1] };
const runs = () => {
  const { runs: ok, failures } = host.stats().models[0] ?? { runs: 0, failures: 0 };
  return ok + failures;
};
const together = {
  cost: new RunCost([
    { rows: 1, ms: 1 },
    { rows: 16, ms: 2 },
  ]),
  hopMs: 0,
};
const ask = async (batcher: RunBatcher, ...words: string[]) =>
  (await batcher.run(skies(...words), words.length)).outputs;

describe('requests of one turn', () => {
  it('share a run, and each gets its own rows in order', async () => {
    const batcher = new RunBatcher(model, { joint: together, lanes: 1 });
    const before = runs();
    const answers = await Promise.all([ask(batcher, 'sun'), ask(batcher, 'rain', 'snow'), ask(batcher, 'rain')]);
    expect(runs() - before).toBe(1);
    expect(answers.map(([hot]) => [hot?.shape, numbersOf(hot?.data)])).toEqual([
      [[1, 1, 3], HOT.sun],
      [
        [2, 1, 3],
        [...HOT.rain, ...HOT.snow],
      ],
      [[1, 1, 3], HOT.rain],
    ]);
  });

  it('run alone where sharing is off or their rows are too many', async () => {
    const apart = new RunBatcher(model, { joint: undefined, lanes: 1 });
    const before = runs();
    await Promise.all([ask(apart, 'sun'), ask(apart, 'rain')]);
    expect(runs() - before).toBe(2);
    const batcher = new RunBatcher(model, { joint: together, lanes: 1 });
    const many = new Array<string>(300).fill('snow');
    const [large, small] = await Promise.all([ask(batcher, ...many), ask(batcher, 'sun')]);
    expect(large[0]?.shape[0]).toBe(300);
    expect(numbersOf(small[0]?.data)).toEqual(HOT.sun);
  });

  it('lose nothing when one of them cannot be computed: only its caller gets the error', async () => {
    const batcher = new RunBatcher(model, { joint: together, lanes: 1 });
    const settled = await Promise.allSettled([ask(batcher, 'sun'), ask(batcher, 'hail'), ask(batcher, 'snow')]);
    expect(settled).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'INF_RUN_FAILED' } },
      { status: 'fulfilled' },
    ]);
  });

  it('are refused at once beyond those that may wait', async () => {
    const batcher = new RunBatcher(model, { joint: together, lanes: 1, maxWaiting: 2 });
    const settled = await Promise.allSettled([ask(batcher, 'sun'), ask(batcher, 'sun'), ask(batcher, 'sun')]);
    expect(settled).toMatchObject([
      { status: 'fulfilled' },
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'INF_OVERLOADED', status: 503, data: { retryAfterSeconds: 1 } } },
    ]);
  });
});

describe('a request that nobody waits for any more', () => {
  it('is not computed when its caller hung up while it stood in line', async () => {
    const batcher = new RunBatcher(model, { joint: together, lanes: 1 });
    let gone = false;
    const before = runs();
    const answers = Promise.allSettled([batcher.run(skies('sun'), 1, () => gone), batcher.run(skies('rain'), 1)]);
    gone = true;
    expect(await answers).toMatchObject([
      { status: 'rejected', reason: { code: 'SRV_CANCELLED' } },
      { status: 'fulfilled', value: { outputs: [{ shape: [1, 1, 3] }] } },
    ]);
    expect(runs() - before).toBe(1);
  });

  it('is refused when it has waited longer than it may', async () => {
    const batcher = new RunBatcher(model, { joint: together, lanes: 1, maxWaitMs: -1 });
    await expect(ask(batcher, 'sun')).rejects.toMatchObject({ code: 'SRV_WAITED_TOO_LONG', status: 503 });
  });
});

describe('whether requests may share runs', () => {
  const examples = [skies('rain'), skies('snow'), skies('sun')];
  /** A clock by which a run takes `runMs` and each of its rows `rowMs`. */
  const measureWith = (rowMs: number, runMs: number) => {
    let nowMs = 0;
    const slow: LoadedModel = {
      ...model,
      run: (inputs) => {
        nowMs += runMs + rowMs * (inputs[0]?.shape[0] ?? 0);
        return model.run(inputs);
      },
    };
    return measureJointRuns(slow, { examples, elapsedMs: () => nowMs });
  };

  it('is decided by the time of a row against the time of a run', async () => {
    const sharing = async (rowMs: number, runMs: number) => {
      const batcher = new RunBatcher(model, { joint: await measureWith(rowMs, runMs), lanes: 1 });
      const before = runs();
      await Promise.all([ask(batcher, 'sun'), ask(batcher, 'rain')]);
      return runs() - before === 1;
    };
    expect(await sharing(1, 10)).toBe(true);
    expect(await sharing(10, 1)).toBe(false);
  });

  it('is denied to a model whose rows change each other', async () => {
    const crossing: LoadedModel = {
      ...model,
      run: async (inputs) => {
        const result = await model.run(inputs);
        for (const { data } of result.outputs) (data as Float32Array)[0] = inputs[0]?.shape[0] ?? 0;
        return result;
      },
    };
    expect(await measureJointRuns(crossing, { examples, elapsedMs: () => 0 })).toBeUndefined();
  });
});
