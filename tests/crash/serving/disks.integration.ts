// A full disk and one that does not answer, below the prediction log and the database. Mounts file systems of its own, so it
// needs root and loop devices on Linux; elsewhere it is left out.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../bench/harness/watched-process.mjs';
import { canMountDisks, type LimitedDisk, mountDisk } from '../../harness/limited-disks.js';
import { type LiveServer, startLiveServer, temporaryFolder } from '../../harness/live-server.js';
import { releaseRain } from '../../harness/port-weather.js';
import { askRain, callRain, quantileMs, type RainAnswer } from '../../harness/rain-callers.js';

const MEBIBYTE = 2 ** 20;
const ROWS = 500;
/** Enough rows to pass the 16 MiB that may wait for the log, many times over. */
const MAX_REQUESTS = 2_000;
const MAX_GROWTH_BYTES = 400 * MEBIBYTE;

const ok = ({ status }: RainAnswer) => status === 200;
const idsOf = (answers: readonly RainAnswer[]) => answers.filter(ok).flatMap(({ ids }) => ids);

if (!canMountDisks) console.log('skipped: full and frozen disks need root and loop devices (run as root on Linux)');

describe.runIf(canMountDisks)('a disk below a server that answers predictions', () => {
  const { folder, dispose } = temporaryFolder('disks');
  const home = join(folder, 'home');
  let port: number;
  let server: LiveServer;
  let whole: LimitedDisk;
  let log: LimitedDisk;

  const start = (mode: 'async' | 'sync', more: Record<string, string> = {}) =>
    startLiveServer({
      folder,
      port,
      env: { FAIRLEAD_CAPTURE_MODE: mode, FAIRLEAD_CAPTURE_COMPACT_MS: '2000', ...more },
    });
  const client = () => createClient({ url: server.url, maxRetries: 0 });

  beforeAll(async () => {
    port = await freePort();
    whole = mountDisk(home, { image: join(folder, 'home.img'), sizeMiB: 256 });
    mkdirSync(join(home, 'capture'));
    log = mountDisk(join(home, 'capture'), { image: join(folder, 'capture.img'), sizeMiB: 48 });
    server = await start('async');
    await releaseRain(client(), folder);
  });
  afterAll(async () => {
    await server?.stop();
    log?.unmount();
    whole?.unmount();
    dispose();
  });

  async function droppedRows(): Promise<number> {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/capture_dropped_rows_total\{endpoint="rain"\} (\d+)/.exec(text)?.[1] ?? 0);
  }

  /** How many of these predictions the log does not have, as a new process sees it. */
  async function missing(ids: readonly string[], mode: 'async' | 'sync'): Promise<number> {
    await server.stop();
    server = await start(mode);
    let unmatched = 0;
    for (let at = 0; at < ids.length; at += 10_000) {
      const rows = ids.slice(at, at + 10_000).map((id) => ({ id, label: 'true' }));
      unmatched += (await client().truths.post('rain', rows)).unmatched;
    }
    return unmatched;
  }

  const untilDropping = async (answers: readonly RainAnswer[]) =>
    answers.length >= MAX_REQUESTS || (await droppedRows()) > 10 * ROWS;

  it('that takes no more writes for the log changes no answer, and what had no room to wait is counted', async () => {
    const before = await callRain(() => askRain(server.url, { rows: ROWS }), { done: (all) => all.length >= 50 });
    const rssBytes = await server.rssBytes();
    const thaw = log.freeze();
    let during: RainAnswer[];
    try {
      during = await callRain(() => askRain(server.url, { rows: ROWS }), { done: untilDropping });
      expect((await server.rssBytes()) - rssBytes).toBeLessThan(MAX_GROWTH_BYTES);
    } finally {
      thaw();
    }
    expect([...before, ...during].filter((answer) => !ok(answer))).toEqual([]);
    const dropped = await droppedRows();
    expect(dropped).toBeGreaterThan(0);
    console.log(
      `p99 of ${ROWS} rows: ${quantileMs(before, 0.99)} ms, with a stalled log ${quantileMs(during, 0.99)} ms`,
    );
    expect(await missing(idsOf([...before, ...during]), 'async')).toBe(dropped);
  });

  it('that is full changes no answer, refuses changes with a code, and is used again once it has room', async () => {
    const makeRoom = [whole.fill(), log.fill()];
    let during: RainAnswer[];
    try {
      during = await callRain(() => askRain(server.url, { rows: ROWS }), { done: untilDropping });
      const refusal = await fillDatabase();
      expect(refusal).toMatchObject({ code: 'DB_FULL', status: 507 });
      during.push(await askRain(server.url));
    } finally {
      for (const free of makeRoom) free();
    }
    expect(during.filter((answer) => !ok(answer))).toEqual([]);
    const dropped = await droppedRows();
    expect(dropped).toBeGreaterThan(0);
    const after = await callRain(() => askRain(server.url), { done: (all) => all.length >= 50 });
    expect(after.filter((answer) => !ok(answer))).toEqual([]);
    await client().truths.post('rain', [{ id: 'after-the-flood', label: 'true' }]);
    // What waited was written as soon as there was room: only what was counted is missing.
    expect(await missing(idsOf([...during, ...after]), 'async')).toBe(dropped);
    expect(await (await fetch(`${server.url}/api/v1/audit/verification`)).json()).toMatchObject({ verdict: 'intact' });
  });

  /** Changes the database until there is no room for it. */
  async function fillDatabase(): Promise<unknown> {
    for (let round = 0; round < 200; round += 1) {
      const rows = Array.from({ length: 10_000 }, (_, i) => ({ id: `nobody-${round}-${i}`, label: 'true' }));
      try {
        await client().truths.post('rain', rows);
      } catch (error) {
        return error;
      }
    }
    return undefined;
  }

  it('that is full gives no answer in mode sync, with a code; what was answered is there after a kill', async () => {
    await server.stop();
    server = await start('sync');
    const makeRoom = log.fill();
    let during: RainAnswer[];
    try {
      const bothKinds = (all: readonly RainAnswer[]) => all.length >= 200 && !all.every(ok);
      during = await callRain(() => askRain(server.url, { rows: 3 }), { done: bothKinds });
      await server.kill();
    } finally {
      makeRoom();
    }
    for (const { status, code, retryAfter } of during.filter((answer) => !ok(answer))) {
      expect({ status, code, retryAfter }).toEqual({ status: 503, code: 'SRV_CAPTURE_FAILED', retryAfter: '1' });
    }
    server = await start('sync');
    const after = await callRain(() => askRain(server.url), { done: (all) => all.length >= 50 });
    expect(after.filter((answer) => !ok(answer))).toEqual([]);
    expect(await missing(idsOf([...during, ...after]), 'sync')).toBe(0);
  });

  it('that takes no writes keeps the answers of mode sync waiting, and none is lost', async () => {
    const thaw = log.freeze();
    let answered = 0;
    let asked: Promise<RainAnswer>[];
    try {
      asked = Array.from({ length: 100 }, async () => {
        const answer = await askRain(server.url);
        answered += 1;
        return answer;
      });
      // The server is at work: it answers others.
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
      expect((await fetch(`${server.url}/v2/models/rain`)).status).toBe(200);
      expect(answered).toBe(0);
    } finally {
      thaw();
    }
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => !ok(answer))).toEqual([]);
    expect(await missing(idsOf(answers), 'sync')).toBe(0);
  });

  it('that takes no writes for long has requests of mode sync refused, which the log then says of them', async () => {
    await server.stop();
    server = await start('sync', { FAIRLEAD_CAPTURE_TIMEOUT_MS: '2000' });
    const before = await askRain(server.url);
    const thaw = log.freeze();
    let refused: RainAnswer[];
    try {
      // Of the first some are in the write that hangs; the others wait for it.
      refused = await callRain(() => askRain(server.url), { done: (all) => all.length >= 20 });
    } finally {
      thaw();
    }
    const refusals = refused.map(({ status, code, retryAfter }) => ({ status, code, retryAfter }));
    expect(refusals).toEqual(refused.map(() => ({ status: 503, code: 'SRV_CAPTURE_FAILED', retryAfter: '1' })));
    const after = await callRain(() => askRain(server.url), { done: (all) => all.length >= 50 });
    expect([before, ...after].filter((answer) => !ok(answer))).toEqual([]);
    const given = idsOf([before, ...after]);
    // The refused ones are in the log, too …
    expect(await missing([...given, ...refused.flatMap(({ ids }) => ids)], 'sync')).toBe(0);
    // … and are no answers: of the newest 1,000 rows, all of which have met their truth, they do not count.
    const { items } = await client().endpoints.performance('rain', { rows: 2 });
    expect(items.reduce((sum, { rows }) => sum + rows, 0)).toBe(1_000 - refused.length);
  });
});
