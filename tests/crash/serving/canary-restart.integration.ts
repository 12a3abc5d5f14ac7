import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../bench/harness/watched-process.mjs';
import { type LiveServer, startLiveServer, temporaryFolder } from '../../harness/live-server.js';
import { releaseRain, runToRelease, signAndRollOut } from '../../harness/port-weather.js';
import { askRain, callRain, type RainAnswer } from '../../harness/rain-callers.js';

const WEIGHT = 0.3;
const KEYS = 1_000;
/** More than is asked before the kill, and soon reached afterwards. */
const MIN_REQUESTS = 1_500;
const rollout = {
  kind: 'canary',
  steps: [
    { weight: WEIGHT, minRequests: MIN_REQUESTS },
    { weight: 1, minRequests: 0 },
  ],
  guardrails: { maxErrorRatio: 0.01, maxP99Ms: 60_000, maxNonFiniteRatio: 0 },
  advance: 'auto',
  maxWait: '1d',
  onMaxWait: 'hold',
};

describe('a server that is killed in the middle of a canary, under load', () => {
  const { folder, dispose } = temporaryFolder('canary');
  let port: number;
  let server: LiveServer;
  let asked = 0;

  const start = () => startLiveServer({ folder, port, env: { FAIRLEAD_CAPTURE_MODE: 'sync' } });
  const client = () => createClient({ url: server.url, maxRetries: 0 });
  /** Keys that the canary has answered, and those of them that a former version answered afterwards. */
  const [forward, back] = [new Set<string>(), new Set<string>()];
  /** The thousand keys in turn, at a pace that leaves the canary time. */
  const ask = async (): Promise<RainAnswer> => {
    asked += 1;
    const key = `key-${asked % KEYS}`;
    const [answer] = await Promise.all([askRain(server.url, { key }), wait(10)]);
    if (answer.version === '3') forward.add(key);
    else if (answer.version !== null && forward.has(key)) back.add(key);
    return answer;
  };

  beforeAll(async () => {
    port = await freePort();
    server = await start();
  });
  afterAll(async () => {
    await server?.stop();
    dispose();
  });

  it('goes on with its shares, its counts and its watch, and never lets an unapproved version answer', async () => {
    const people = await releaseRain(client(), folder, rollout);
    const rows = (until: string) => ({ rows: `location = 'Seattle' AND date < '${until}'` });
    // Version 2 was tested and never signed: the release of version 3 took its place.
    const unsigned = await runToRelease(people, rows('2015-06-20'));
    const release = await runToRelease(people, rows('2015-06-10'));
    expect([unsigned.version, release.version]).toEqual([2, 3]);
    await signAndRollOut(people, client(), release.id);
    const before = await client().endpoints.routing('rain');
    const candidate = async () => {
      const { items } = await client().endpoints.statistics('rain');
      return items.find(({ version }) => version === 3)?.sinceRouting.requests ?? 0;
    };

    let finished = false;
    const load = callRain(ask, { done: () => finished });
    try {
      // The counts are written down every five seconds: the kill comes when they were.
      await wait(6_000);
      const counted = await candidate();
      expect(counted).toBeGreaterThan(0);
      expect(counted).toBeLessThan(MIN_REQUESTS);
      await server.kill();
      server = await start();
      const resumed = await candidate();
      expect(resumed).toBeGreaterThan(counted / 10);
      expect(await client().endpoints.routing('rain')).toEqual(before);
      expect(forward.size / KEYS).toBeCloseTo(WEIGHT, 1);
      await untilReleased(release.id);
    } finally {
      finished = true;
    }
    const whole = await load;

    const answered = whole.filter(({ status }) => status === 200);
    expect(answered.length).toBeGreaterThan(MIN_REQUESTS);
    // The connections that the kill broke and those that nobody took; nobody was answered with an error.
    expect([...new Set(whole.map(({ status }) => status))].sort()).toEqual([0, 200]);
    expect([...new Set(answered.map(({ version }) => version))].sort()).toEqual(['1', '3']);
    expect([...back]).toEqual([]);
    const { items } = await client().endpoints.history('rain');
    expect(items.map(({ entries }) => entries.map(({ version, weight }) => [version, weight]))).toEqual([
      [[3, 1]],
      [
        [3, WEIGHT],
        [1, 1 - WEIGHT],
      ],
      [[1, 1]],
    ]);
    // Every answer is in the log, under the version that gave it.
    const ids = answered.flatMap((answer) => answer.ids);
    const truths = ids.map((id) => ({ id, label: 'true' }));
    expect(await client().truths.post('rain', truths.slice(0, 10_000))).toMatchObject({ unmatched: 0 });
  });

  async function untilReleased(id: string): Promise<void> {
    for (;;) {
      const { state } = await client().releases.get(id);
      if (state === 'released') return;
      expect(state).toBe('rolling-out');
      await wait(200);
    }
  }
});
