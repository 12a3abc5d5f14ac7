// Compaction of the prediction log that fails for a while: what waits is shown, bounded in all processes, and made up for.
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../bench/harness/watched-process.mjs';
import { type LiveServer, startLiveServer, temporaryFolder } from '../../harness/live-server.js';
import { releaseRain } from '../../harness/port-weather.js';
import { askRain, callRain, type RainAnswer } from '../../harness/rain-callers.js';

const LIMIT_BYTES = 4 * 2 ** 20;
const ROWS = 500;
const PROCESSES = 2;

describe('a prediction log in mode sync that cannot be compacted', () => {
  const { folder, dispose } = temporaryFolder('backlog');
  const staging = join(folder, 'home', 'staging');
  let server: LiveServer;
  let serving: string;

  beforeAll(async () => {
    const servingPort = await freePort();
    serving = `http://127.0.0.1:${servingPort}`;
    const processes = ['--serving-port', String(servingPort), '--serving-processes', String(PROCESSES)];
    const capture = ['--capture-mode', 'sync', '--capture-compact-ms', '1000'];
    const flags = [...processes, ...capture, '--capture-waiting-bytes', String(LIMIT_BYTES)];
    server = await startLiveServer({ folder, flags });
    await releaseRain(createClient({ url: server.url, maxRetries: 0 }), folder);
  }, 180_000);
  afterAll(async () => {
    await server?.stop();
    dispose();
  });

  async function waiting(): Promise<{ segments: number; bytes: number }> {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const read = (name: string) =>
      Number(new RegExp(`capture_waiting_${name}\\{endpoint="rain"\\} (\\d+)`).exec(text)?.[1]);
    return { segments: read('segments'), bytes: read('bytes') };
  }
  const ask = () => askRain(serving, { rows: ROWS });
  const isRefused = ({ code }: RainAnswer) => code === 'SRV_CAPTURE_FAILED';

  it('refuses answers beyond its bound, gives them again when it has caught up, and has every one that was given', async () => {
    renameSync(staging, `${staging}-aside`);
    writeFileSync(staging, 'no folder: nothing can be staged');
    const during = await callRain(ask, { done: (all) => all.filter(isRefused).length >= 20 });
    const given = during.filter(({ status }) => status === 200);
    expect(during.filter((answer) => !isRefused(answer))).toEqual(given);
    expect(during.find(isRefused)).toMatchObject({ status: 503, retryAfter: '5' });
    const { segments, bytes } = await waiting();
    expect(bytes).toBeGreaterThan(LIMIT_BYTES);
    // Each process may have been writing to a segment of its own when they were told.
    expect(segments).toBeGreaterThan(0);
    expect(segments).toBeLessThanOrEqual(readdirSync(join(folder, 'home', 'capture', 'rain')).length);
    const ids = given.flatMap((answer) => answer.ids);
    const unmatched = async () => {
      let missing = 0;
      for (let at = 0; at < ids.length; at += 10_000) {
        const rows = ids.slice(at, at + 10_000).map((id) => ({ id, label: 'true' }));
        missing += (await createClient({ url: server.url }).truths.post('rain', rows)).unmatched;
      }
      return missing;
    };
    expect(await unmatched()).toBe(0);

    rmSync(staging);
    renameSync(`${staging}-aside`, staging);
    await expect.poll(async () => (await waiting()).bytes, { timeout: 60_000, interval: 200 }).toBe(0);
    const after = await callRain(ask, { done: (all) => all.length >= 20 });
    expect(after.map(({ status }) => status)).toEqual(after.map(() => 200));
    expect(await unmatched()).toBe(0);
  }, 180_000);
});
