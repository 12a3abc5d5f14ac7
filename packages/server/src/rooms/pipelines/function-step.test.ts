import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, openBench, type Replica, runOnce, stepOf } from './pipelines-testing.js';
import type { PipelineRun } from './pipelines-types.js';

let bench: Bench;
let replica: Replica;

beforeEach(async () => {
  bench = await openBench([]);
  replica = bench.replica('one');
  await replica.queue.start();
});
afterEach(() => bench.dispose());

const errorOf = (run: PipelineRun) => stepOf(run, 's').error;
const runFunction = (name: string) => runOnce(replica, bench, { spec: { steps: { s: { function: name } } } });

describe('a function step', () => {
  it('runs TypeScript with its imports, takes JSON in and gives values, files and metrics', async () => {
    bench.write(
      'steps/names.ts',
      'export type Name = string;\nexport const upper = (name: Name): Name => name.toUpperCase();',
    );
    bench.write(
      'steps/clean.ts',
      `import { writeFileSync } from 'node:fs';
       import { type Name, upper } from './names.js';
       enum Level { Low = 1 }
       export async function clean({ params, outputDir, seed }: { params: { name: Name }; outputDir: string; seed: number }) {
         writeFileSync(outputDir + '/clean.txt', upper(params.name));
         return { files: { text: 'clean.txt' }, values: { info: { seed } }, metrics: { level: Level.Low }, summary: 'done' };
       }`,
    );
    bench.write(
      'steps/count.mjs',
      `import { readFileSync } from 'node:fs';
       export function count({ inputs }) {
         const { seed } = JSON.parse(readFileSync(inputs.info.path, 'utf8'));
         return { summary: { length: readFileSync(inputs.text.path, 'utf8').length, seed } };
       }`,
    );
    const clean = { function: 'steps/clean.ts#clean', with: { name: 'ada' }, seed: 5 };
    const count = { function: 'steps/count.mjs#count', inputs: { text: 'clean.text', info: 'clean.info' } };
    const run = await runOnce(replica, bench, { spec: { steps: { clean, count } } });
    expect([errorOf({ ...run, steps: [{ ...stepOf(run, 'clean'), name: 's' }] }), run.state]).toEqual([
      null,
      'succeeded',
    ]);
    expect(stepOf(run, 'count').summary).toEqual({ length: 3, seed: 5 });
    expect((await bench.tracking.run(stepOf(run, 'clean').trackingRunId ?? '')).metrics).toEqual({ level: 1 });
  });

  it('fails with what the function threw, at the line of the source', async () => {
    bench.write(
      'bad.ts',
      'interface X { a: number }\n\nexport function bad(): X {\n  throw new Error("no rows");\n}\n',
    );
    const error = errorOf(await runFunction('bad.ts#bad'));
    expect(error?.code).toBe('PIP_FUNCTION_FAILED');
    expect(error?.message).toMatch(/no rows[\s\S]*bad\.ts:4/);
  });

  it.each([
    ['exits.mjs#f', 'export function f() { process.exit(0) }', 'PIP_FUNCTION_FAILED'],
    ['crashes.mjs#f', 'export function f() { process.abort() }', 'PIP_COMMAND_KILLED'],
    ['odd.mjs#f', 'export const f = () => ({ rows: 3 })', 'PIP_FUNCTION_RESULT'],
    ['odd.mjs#f', 'export const f = () => ({ metrics: { a: "b" } })', 'PIP_FUNCTION_RESULT'],
    ['other.mjs#f', 'export const g = () => ({})', 'PIP_CODE_MISSING'],
    ['../outside.mjs#f', '', 'PIP_CODE_MISSING'],
  ])('says what is wrong with %s: %s', async (name, text, code) => {
    bench.write(name.split('#')[0] ?? '', text);
    expect(errorOf(await runFunction(name))?.code).toBe(code);
  });

  it('neither blocks the server nor outlives its time limit', async () => {
    bench.write('spin.mjs', 'export function spin() { for (;;); }');
    const spec = { steps: { s: { function: 'spin.mjs#spin', timeoutMs: 500 } } };
    const run = await runOnce(replica, bench, { spec });
    expect(errorOf(run)?.code).toBe('PIP_STEP_TIMED_OUT');
  });
});
