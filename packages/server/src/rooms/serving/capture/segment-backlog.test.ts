import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { append, entries, idsOf, KINDS, openCaptureFile, query, row } from './capture-log.fixture.js';
import type { CaptureEntry, CaptureLog, Waiting } from './capture-types.js';
import type { CompactDeps } from './compact-segment.js';
import { createCaptureWriter } from './create-capture-writer.js';

const at = openCaptureFile();

/** Compaction that waits until it may go on, as it does when the processor is taken. */
function held() {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { objects } = at.deps();
  const slow: CompactDeps['objects'] = {
    ...objects,
    stagingPath: async (suffix) => {
      await released;
      return objects.stagingPath(suffix);
    },
  };
  return { objects: slow, release };
}

/** A segment per time, with one row each. */
async function sealEach(log: CaptureLog, endpoint: string, times: readonly number[]): Promise<void> {
  for (const atMs of times) await append(log, endpoint, [row(`t${atMs}`, { atMs })]);
}
const segmentsOf = (endpoint: string) =>
  readdirSync(join(at.folder, endpoint))
    .sort()
    .map((name) => join(at.folder, endpoint, name));
const spoil = (path: string) => writeFileSync(path, Buffer.alloc(statSync(path).size));
const one = { mode: 'sync', compactBytes: 1 } as const;

describe('segments that wait to become Parquet', () => {
  it('are read only where they have what is asked for', async () => {
    const { objects, release } = held();
    const log = at.open(one, { objects });
    await sealEach(log, 'range', [1000, 2000, 3000, 4000]);
    const found = async (more: object) => idsOf(await log.captured({ ...query('range'), ...more }));
    expect(await found({})).toEqual(['t1000', 't2000', 't3000', 't4000']);
    const [oldest = '', , , newest = ''] = segmentsOf('range');
    // What is not read cannot be missed.
    for (const path of [oldest, newest]) spoil(path);
    expect(await found({ fromMs: 2000, untilMs: 4000 })).toEqual(['t2000', 't3000']);
    expect(await found({ fromMs: 3000, untilMs: 3001 })).toEqual(['t3000']);
    expect(await found({ fromMs: 5000 })).toEqual([]);
    expect(await found({ untilMs: 4000, last: 2 })).toEqual(['t2000', 't3000']);
    expect(await found({})).toEqual(['t2000', 't3000']);
    release();
    await log.close();
  });

  it('are read in parts, from the newest back, and no further than the last rows that are wanted', async () => {
    const { objects, release } = held();
    const log = at.open({ mode: 'sync', compactBytes: 2 ** 22 }, { objects });
    const text = 'x'.repeat(100_000);
    const large = (i: number) => row(`r${i}`, { atMs: 1000 + i, inputs: { sky: text, wind: i } });
    for (let i = 0; i < 12; i += 1) await append(log, 'parts', [large(i)]);
    expect(await log.captured(query('parts'))).toHaveLength(12);
    const [path = ''] = segmentsOf('parts');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0, 0, 600_000));
    expect(idsOf(await log.captured({ ...query('parts'), last: 3 }))).toEqual(['r9', 'r10', 'r11']);
    expect(idsOf(await log.captured({ ...query('parts'), ids: ['r1', 'r8'] }))).toEqual(['r8']);
    await append(log, 'parts', [large(12)]);
    const last = await log.captured({ ...query('parts'), fromMs: 1011 });
    expect(last).toMatchObject([{ id: 'r11' }, { id: 'r12', inputs: { wind: 12, sky: text } }]);
    release();
    await log.close();
  });

  it('give every row once when they become objects while they are read', async () => {
    const { objects, release } = held();
    let between = async (): Promise<void> => undefined;
    const store: CompactDeps['store'] = {
      ...at.store,
      listCaptureObjects: async (...asked) => {
        const found = await at.store.listCaptureObjects(...asked);
        await between();
        return found;
      },
    };
    const log = at.open(one, { objects, store });
    await sealEach(log, 'moving', [1000, 2000, 3000]);
    between = async () => {
      between = async () => undefined;
      release();
      await log.flush();
      expect(segmentsOf('moving')).toEqual([]);
    };
    const found = await log.captured({ ...query('moving'), fromMs: 1500 });
    expect(found).toMatchObject([
      { id: 't2000', inputs: row('').inputs },
      { id: 't3000', inputs: row('').inputs },
    ]);
    expect(idsOf(await log.captured(query('moving')))).toEqual(['t1000', 't2000', 't3000']);
    await log.close();
  });

  it('are counted, and beyond their bound rows are dropped and counted until there is room again', async () => {
    const { objects, release } = held();
    const dropped: number[] = [];
    const told: boolean[] = [];
    const waiting: Waiting[] = [];
    const log = at.open(
      {
        compactBytes: 1,
        maxWaitingBytes: 1500,
        onDropped: (_, rows) => dropped.push(rows),
        onWaiting: (_, now) => waiting.push(now),
        onFull: (_, isFull) => told.push(isFull),
      },
      { objects },
    );
    for (let i = 0; i < 10; i += 1) {
      await append(log, 'waits', [row(`w${i}`)]);
      await log.captured(query('waits'));
    }
    const kept = await log.captured(query('waits'));
    expect(dropped.length).toBeGreaterThan(0);
    expect(kept.length + dropped.length).toBe(10);
    expect(told).toEqual([true]);
    expect(log.full()).toEqual(['waits']);
    const sizes = segmentsOf('waits').map((path) => statSync(path).size);
    expect(waiting.at(-1)).toEqual({ segments: kept.length, bytes: sizes.reduce((sum, size) => sum + size, 0) });
    // Other endpoints have bounds of their own.
    await append(log, 'waits-not', [row('other')]);
    expect(idsOf(await log.captured(query('waits-not')))).toEqual(['other']);
    release();
    await log.flush();
    expect(told).toEqual([true, false]);
    await append(log, 'waits', [row('again')]);
    expect(idsOf(await log.captured(query('waits')))).toEqual([...idsOf(kept), 'again']);
    await log.flush();
    expect(waiting.at(-1)).toEqual({ segments: 0, bytes: 0 });
    await log.close();
  });

  it('beyond their bound have answers refused in mode sync, where none may be lost', async () => {
    const { objects, release } = held();
    const log = at.open({ ...one, maxWaitingBytes: 1500 }, { objects });
    const outcomes: unknown[] = [];
    for (let i = 0; i < 10; i += 1) {
      outcomes.push(
        await append(log, 'refuses', [row(`s${i}`)]).then(
          () => 'kept',
          (error) => error,
        ),
      );
    }
    const kept = outcomes.filter((outcome) => outcome === 'kept').length;
    expect(outcomes[kept]).toMatchObject({ code: 'SRV_CAPTURE_FAILED', status: 503, data: { endpoint: 'refuses' } });
    expect(outcomes.slice(kept)).not.toContain('kept');
    expect(await log.captured(query('refuses'))).toHaveLength(kept);
    release();
    await log.flush();
    await append(log, 'refuses', [row('again')]);
    expect(await log.captured(query('refuses'))).toHaveLength(kept + 1);
    await log.close();
  });

  it('are tried again after a while when compaction fails, as a log that takes no rows seals no segment', async () => {
    const { objects: sound } = at.deps();
    let isBroken = true;
    const objects: CompactDeps['objects'] = {
      ...sound,
      stagingPath: async (suffix) => {
        if (isBroken) throw new Error('no space left on device');
        return sound.stagingPath(suffix);
      },
    };
    const log = at.open({ ...one, compactAfterMs: 20, maxWaitingBytes: 1000 }, { objects });
    await expect(
      sealEach(
        log,
        'stuck',
        Array.from({ length: 9 }, (_, i) => 1000 + i),
      ),
    ).rejects.toMatchObject({
      code: 'SRV_CAPTURE_FAILED',
    });
    expect(log.full()).toEqual(['stuck']);
    isBroken = false;
    await expect.poll(() => log.full(), { timeout: 30_000 }).toEqual([]);
    await append(log, 'stuck', [row('again')]);
    await log.close();
  });

  it('of a former process count at the start', async () => {
    const { objects, release } = held();
    const killed = at.open(one, { objects: held().objects });
    await sealEach(killed, 'former', [1000, 2000, 3000]);
    const next = at.open({ ...one, maxWaitingBytes: 1000 }, { objects });
    await next.recover();
    expect(next.full()).toContain('former');
    await expect(append(next, 'former', [row('x')])).rejects.toMatchObject({ code: 'SRV_CAPTURE_FAILED' });
    release();
    await next.flush();
    expect(next.full()).not.toContain('former');
    await next.close();
  });

  it('stop the rows of other processes too', async () => {
    const dropped: number[] = [];
    const ignore = { onOpened: async () => undefined, onSealed: () => undefined };
    const writer = createCaptureWriter({
      ...ignore,
      folder: at.folder,
      onDropped: (_, rows) => dropped.push(rows),
    });
    const [entry] = entries('beside', [row('a')], KINDS) as [CaptureEntry];
    writer.setFull('beside', true);
    await writer.append(entry);
    writer.setFull('beside', false);
    await writer.append(entry);
    await writer.close();
    expect(dropped).toEqual([1]);
    expect(segmentsOf('beside')).toHaveLength(1);
  });
});
