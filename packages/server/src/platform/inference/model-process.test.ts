import { afterEach, describe, expect, it } from 'vitest';
import { createInferenceHost } from './inference-host.js';
import type { InferenceHost, LoadedModel, ModelHosting } from './inference-types.js';
import { fixture, floats, numbersOf } from './testing.js';
import { trapFile, trapRow } from './trap-model.fixture.js';

const MIB = 2 ** 20;
const hosts: InferenceHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

function open(hosting: ModelHosting = {}): InferenceHost {
  const host = createInferenceHost({ workers: 1, hosting });
  hosts.push(host);
  return host;
}

const load = (host: InferenceHost) => host.load({ ...trapFile(), goldenInputs: trapRow() });
const answerOf = async (model: LoadedModel) => numbersOf((await model.run(trapRow())).outputs[0]?.data);
const pidOf = (host: InferenceHost) =>
  host.stats().models.find(({ processes }) => processes.length > 0)?.processes[0]?.pid;

describe('a model with a process of its own', () => {
  it('gets one for its loops, answers as in a thread, and leaves nothing behind', async () => {
    const host = open();
    const model = await load(host);
    expect(model).toMatchObject({ placement: 'process', lanes: 1 });
    expect(await answerOf(model)).toEqual([2]);
    const pid = pidOf(host) as number;
    expect(pid).not.toBe(process.pid);
    const many = await Promise.all(Array.from({ length: 100 }, () => answerOf(model)));
    expect(many.every(([y]) => y === 2)).toBe(true);
    await host.unload(model.digest);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('is killed when a run does not end, and only that run fails', async () => {
    const host = open({ runTimeoutMs: 700 });
    const [model, other] = [await load(host), await host.load(fixture('affine'))];
    expect(other.placement).toBe('thread');
    const before = pidOf(host);
    const spinning = model.run(trapRow({ spin: 2 ** 40 }));
    // Two of these reach the process behind the endless run, the others wait in line: all are computed by the next one.
    const behind = Promise.all(Array.from({ length: 20 }, () => answerOf(model)));
    const beside = Promise.all(Array.from({ length: 20 }, () => other.run([floats('x', [1, 2], [1, 2])])));
    await expect(spinning).rejects.toMatchObject({
      code: 'INF_RUN_TIMEOUT',
      status: 503,
      data: { retryAfterSeconds: 1 },
    });
    expect(await behind).toEqual(Array.from({ length: 20 }, () => [2]));
    expect(await beside).toHaveLength(20);
    expect(pidOf(host)).not.toBe(before);
    expect(host.stats().models[0]).toMatchObject({ failures: 1, runs: 20 });
  });

  it.runIf(process.platform === 'linux')('is killed when it takes too much memory, and starts again', async () => {
    const model = await load(open({ maxMemoryBytes: 500 * MIB }));
    await expect(model.run(trapRow({ grow: 2 ** 30 }))).rejects.toMatchObject({ code: 'INF_RUN_MEMORY', status: 503 });
    expect(await answerOf(model)).toEqual([2]);
  });

  it('that is killed from outside loses the run it computed and no other', async () => {
    const host = open();
    const model = await load(host);
    const lost = model.run(trapRow({ spin: 2 ** 40 }));
    const behind = [answerOf(model), answerOf(model)];
    process.kill(pidOf(host) as number, 'SIGKILL');
    await expect(lost).rejects.toMatchObject({ code: 'INF_WORKER_LOST', status: 503, data: { retryAfterSeconds: 1 } });
    expect(await Promise.all(behind)).toEqual([[2], [2]]);
  });

  it('may have several, which compute side by side', async () => {
    const host = open({ processes: 2, runTimeoutMs: 1000 });
    const model = await load(host);
    expect(model.lanes).toBe(2);
    const spinning = model.run(trapRow({ spin: 2 ** 40 }));
    expect(await answerOf(model)).toEqual([2]);
    expect(host.stats().models[0]).toMatchObject({ inFlight: 1, runs: 1 });
    await expect(spinning).rejects.toMatchObject({ code: 'INF_RUN_TIMEOUT' });
  });

  it('ends what it was given before the host closes', async () => {
    const host = open();
    const model = await load(host);
    const runs = Array.from({ length: 10 }, () => answerOf(model));
    await host.close();
    expect(await Promise.all(runs)).toHaveLength(10);
  });

  it('is not told the secrets of the server', async () => {
    process.env.FAIRLEAD_TEST_SECRET = 'hush';
    try {
      const host = open();
      await load(host);
      const { readFileSync, existsSync } = await import('node:fs');
      const path = `/proc/${pidOf(host)}/environ`;
      if (existsSync(path)) expect(readFileSync(path, 'utf8')).not.toContain('hush');
    } finally {
      delete process.env.FAIRLEAD_TEST_SECRET;
    }
  });
});
