import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../platform/inference/index.js';
import { limitRuns } from './limit-runs.js';

/** A model whose runs end when they are told to. */
function held() {
  const ends: ((fails?: boolean) => void)[] = [];
  const model: LoadedModel = {
    ...{ digest: 'd', sizeBytes: 0, metadata: {}, inputs: [], outputs: [], loadMs: 0 },
    ...{ placement: 'thread', lanes: 8 },
    run: () =>
      new Promise((resolve, reject) => {
        ends.push((fails) =>
          fails === true ? reject(new Error('no')) : resolve({ outputs: [], computeNs: 1, queueNs: 5 }),
        );
      }),
  };
  return { model, ends };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a model with a limit of runs', () => {
  it('begins no more at once, takes the others in their order, and refuses what may not wait', async () => {
    const { model, ends } = held();
    const limited = limitRuns(model, { concurrency: 2, maxQueue: 1 });
    expect(limited.lanes).toBe(2);
    const order: string[] = [];
    const runs = ['a', 'b', 'c'].map((name) => limited.run([]).then(() => order.push(name)));
    await turn();
    expect(ends).toHaveLength(2);
    await expect(limited.run([])).rejects.toMatchObject({ code: 'INF_OVERLOADED', data: { retryAfterSeconds: 1 } });
    ends[0]?.();
    await turn();
    expect(ends).toHaveLength(3);
    for (const end of ends) end();
    await Promise.all(runs);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('gives the place of a run that failed to the next, and counts what that one waited', async () => {
    const { model, ends } = held();
    const limited = limitRuns(model, { concurrency: 1, maxQueue: 5 });
    const failing = limited.run([]);
    const next = limited.run([]);
    await turn();
    ends[0]?.(true);
    await expect(failing).rejects.toThrow('no');
    await turn();
    ends[1]?.();
    expect((await next).queueNs).toBeGreaterThan(5);
    const again = limited.run([]);
    await turn();
    ends[2]?.();
    expect(await again).toMatchObject({ computeNs: 1 });
  });
});
