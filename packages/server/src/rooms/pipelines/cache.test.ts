// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the references of a project file
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, openBench, type Replica, runOnce, stepOf } from './pipelines-testing.js';
import type { PipelineSpec, StepHandler, StepRun, StepSpec } from './pipelines-types.js';

let bench: Bench;
let replica: Replica;
let digest = 'a'.repeat(64);

/** Gives an output whose digest the test sets: what an earlier room would hand on. */
const source: StepHandler = {
  uses: 'source',
  version: '1',
  title: 'Source',
  cacheable: false,
  check: () => [],
  run: async ({ pipelineRunId }) => ({ outputs: { split: { kind: 'split', id: pipelineRunId, digest } } }),
};

const spec = {
  params: { maxDepth: 4 },
  steps: {
    source: { uses: 'source' },
    train: {
      run: ['node', 'train.mjs'],
      inputs: { split: 'source.split' },
      with: { maxDepth: '${params.maxDepth}' },
      env: { MODE: 'a' },
    },
  },
};

beforeEach(async () => {
  digest = 'a'.repeat(64);
  bench = await openBench([source]);
  replica = bench.replica('one');
  await replica.queue.start();
  bench.write('train.mjs', "import './lib/maths.mjs';\n");
  bench.write('lib/maths.mjs', 'export const one = 1;\n');
  bench.write('unrelated.mjs', 'export const x = 1;\n');
});
afterEach(() => bench.dispose());

type Request = Omit<Parameters<typeof runOnce>[2], 'spec'> & { spec?: PipelineSpec };
const train = async (request: Request = {} as Request): Promise<StepRun> =>
  stepOf(await runOnce(replica, bench, { spec, ...request }), 'train');
const changed = (patch: object): PipelineSpec => ({
  ...spec,
  steps: { ...spec.steps, train: { ...spec.steps.train, ...patch } as StepSpec },
});

describe('the cache', () => {
  it('reuses a result whose every component is equal, and says where it came from', async () => {
    const first = await train();
    expect([first.state, first.whyNotCached]).toEqual(['succeeded', ['first run of this step']]);
    const second = await train();
    expect([second.state, second.whyNotCached, second.cacheKey]).toEqual(['cached', [], first.cacheKey]);
    expect(second.trackingRunId).toBe(first.trackingRunId);
  });

  it('ignores names, retries and time limits', async () => {
    const first = await train();
    const renamed = await train({ spec: changed({ retries: 3, timeoutMs: 60_000 }), name: 'other-name' });
    expect([renamed.state, renamed.cacheKey]).toEqual(['cached', first.cacheKey]);
  });

  it('names the parameter that changed', async () => {
    await train();
    expect((await train({ params: { maxDepth: 8 } })).whyNotCached).toEqual(['params.maxDepth: 4 → 8']);
    expect((await train()).state).toBe('cached');
  });

  it('names the input that changed, by content and not by id', async () => {
    await train();
    digest = `9${'1'.repeat(63)}`;
    expect((await train()).whyNotCached).toEqual(['input split: aaaa… → 9111…']);
  });

  it('sees a change in an imported file, and none in an unrelated one', async () => {
    await train();
    bench.write('unrelated.mjs', 'export const x = 2;\n');
    expect((await train()).state).toBe('cached');
    bench.write('lib/maths.mjs', 'export const one = 1.0;\n');
    expect((await train()).whyNotCached).toEqual(['code changed: lib/maths.mjs']);
    bench.write('train.mjs', '\n');
    expect((await train()).whyNotCached).toEqual(['code removed: lib/maths.mjs', 'code changed: train.mjs']);
  });

  it('names the lock file, the command, the variable, the seed and the salt', async () => {
    bench.write('package-lock.json', '1');
    await train();
    bench.write('package-lock.json', '2');
    expect((await train()).whyNotCached).toEqual(['environment lock changed: package-lock.json']);
    const next = { run: ['node', 'train.mjs', '-v'], env: { MODE: 'b' }, seed: 3, cacheSalt: 's' };
    expect((await train({ spec: changed(next) })).whyNotCached).toEqual([
      'command: ["node","train.mjs"] → ["node","train.mjs","-v"]',
      'environment variable changed: MODE',
      'seed: 0 → 3',
      'cache salt changed',
    ]);
  });

  it('can be switched off and refreshed, per step and per run', async () => {
    await train();
    expect(await train({ cache: 'off' })).toMatchObject({ state: 'succeeded', whyNotCached: ['cache off'] });
    expect(await train({ cache: 'refresh' })).toMatchObject({
      state: 'succeeded',
      whyNotCached: ['refresh asked for'],
    });
    expect((await train({ spec: changed({ cache: false }) })).whyNotCached).toEqual(['cache off']);
    const run = await runOnce(replica, bench, { spec });
    expect(stepOf(run, 'source').whyNotCached).toEqual(['cache off: source acts outside its result']);
  });
});
