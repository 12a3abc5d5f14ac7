import { describe, expect, it } from 'vitest';
import { entries, openCaptureFile, query, row } from './capture-log.fixture.js';
import type { CaptureLog, SegmentFile } from './capture-types.js';
import { createCaptureWriter } from './create-capture-writer.js';

const at = openCaptureFile();

/** A sink that takes nothing until it is released, and a log that reads what comes there. */
function stalled(log: CaptureLog) {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const writer = createCaptureWriter({
    folder: at.folder,
    mode: 'sync',
    timeoutMs: 30,
    onOpened: async (segment: Pick<SegmentFile, 'endpoint' | 'id'>) => {
      log.opened(1, segment);
      await released;
    },
    onSealed: (segment) => log.sealed(1, segment),
  });
  const ask = (endpoint: string, id: string) => {
    const [entry] = entries(endpoint, [row(id)]);
    if (entry === undefined) throw new Error('no entry');
    return writer.append(entry).then(
      () => 'given',
      (error) => error,
    );
  };
  return { writer, release, ask };
}

const refusal = { code: 'SRV_CAPTURE_FAILED', status: 503, data: { timeoutMs: 30, retryAfterSeconds: 1 } };
const refused = { status: 503, errorCode: 'SRV_CAPTURE_FAILED', label: null, probability: null };

describe('an answer of mode sync whose record cannot be written', () => {
  it('is refused after its time, recorded as refused once the sink lives, and given again from then on', async () => {
    const log = at.open();
    const { writer, release, ask } = stalled(log);
    // The first is taken by the append that hangs, the second waits for its turn.
    const first = ask('late', 'a');
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const second = ask('late', 'b');
    expect(await first).toMatchObject(refusal);
    expect(await second).toMatchObject(refusal);
    release();
    // Who asks again under the same id is told the answer, and has one row with it.
    expect(await ask('late', 'a')).toBe('given');
    await writer.flush();
    const rows = await log.captured(query('late'));
    expect(rows).toMatchObject([
      { id: 'a', ...refused, inputs: row('a').inputs },
      { id: 'b', ...refused },
      { id: 'a', status: 200, label: 'yes' },
    ]);
    await writer.close();
    await log.flush();
    expect(await log.captured(query('late'))).toEqual(rows);
    await log.close();
  });
});
