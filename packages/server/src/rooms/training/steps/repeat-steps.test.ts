import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStepBench, type StepBench } from '../steps-testing.js';

let bench: StepBench;
beforeAll(async () => {
  const columns = { id: { type: 'integer', required: true }, x: { type: 'number', min: 0 } } as const;
  const csv = ['id,x', ...Array.from({ length: 40 }, (_, i) => `${i},${i / 4}`)].join('\n');
  bench = await openStepBench({ d: { csv, spec: { source: { path: 'd.csv', columns } } } });
});
afterAll(() => bench.dispose());

const recordedOf = ({ outputs, summary = null }: Awaited<ReturnType<StepBench['run']>>) => ({ outputs, summary });

describe('a step that is worked out again without acting', () => {
  it('gives the version of an ingest, also of one that brought nothing new', async () => {
    const params = { dataset: 'd', where: 'x > 1' };
    for (const outcome of ['accepted', 'unchanged']) {
      const recorded = recordedOf(await bench.run('ingest', params));
      expect(recorded.summary).toMatchObject({ outcome });
      expect(await bench.repeat('ingest', params, recorded)).toEqual({
        before: recorded.outputs,
        after: recorded.outputs,
        changed: [],
      });
    }
    expect((await bench.data.deliveries('d')).length).toBe(2);
  });

  it('says that the delivery is not known when it brought nothing new to a version of several', async () => {
    const [first, second] = [
      { dataset: 'd', where: 'x < 4', mode: 'append' },
      { dataset: 'd', where: 'x >= 4', mode: 'append' },
    ];
    await bench.run('ingest', first);
    const appended = recordedOf(await bench.run('ingest', second));
    expect(await bench.repeat('ingest', second, appended)).toMatchObject({ after: appended.outputs, changed: [] });
    const unchanged = recordedOf(await bench.run('ingest', first));
    expect(await bench.repeat('ingest', first, unchanged)).toEqual({ cannot: expect.stringContaining('nothing new') });
  });

  it('gives rows and bytes of every part of a split', async () => {
    const split = await bench.split('d', { train: 0.75, test: 0.25 });
    const again = await bench.repeat('split', {}, { outputs: { split }, summary: null });
    if (again === undefined || 'cannot' in again) throw new Error('the split was not made again');
    expect(Object.keys(again.after)).toEqual([
      'rows of train',
      'bytes of train',
      'rows of test',
      'bytes of test',
      'split',
    ]);
    expect(again.after).toEqual(again.before);
    expect(new Set(Object.values(again.after).map(({ digest }) => digest)).size).toBe(5);
  });
});
