import { describe, expect, it } from 'vitest';
import type { CaptureBatch } from '../capture/capture-types.js';
import { relayCapture } from './relay-capture.js';

const batch = (id: string, deploymentId = 'd'): CaptureBatch => ({
  ...{ endpoint: 'rain', deploymentId, kinds: {}, rows: 1, ids: [id] },
  text: `{"id":"${id}"}\n`,
});

function open(mode: 'async' | 'sync', send: (batch: CaptureBatch) => Promise<unknown>, maxBufferedBytes = 1_000) {
  const dropped: number[] = [];
  const relay = relayCapture({
    ...{ mode, send, maxBufferedBytes },
    onDropped: (_, rows) => dropped.push(rows),
    onError: () => undefined,
  });
  return { relay, dropped };
}

describe('the prediction log of a serving process', () => {
  it('hands rows over together, per deployment, and flush waits for all of them', async () => {
    const sent: CaptureBatch[] = [];
    const { relay } = open('async', async (given) => sent.push(given));
    await Promise.all([relay.append(batch('a')), relay.append(batch('b')), relay.append(batch('c', 'other'))]);
    expect(sent).toEqual([]);
    await relay.flush();
    expect(sent).toMatchObject([
      { deploymentId: 'd', rows: 2, ids: ['a', 'b'], text: '{"id":"a"}\n{"id":"b"}\n' },
      { deploymentId: 'other', rows: 1 },
    ]);
  });

  it('in mode sync is waited for, and refuses the answer when the server cannot take the rows', async () => {
    let taken = false;
    const { relay } = open('sync', async () => {
      taken = true;
    });
    await relay.append(batch('a'));
    expect(taken).toBe(true);
    const failing = open('sync', () => Promise.reject(new Error('gone')));
    await expect(failing.relay.append(batch('a'))).rejects.toThrow('gone');
    expect(failing.dropped).toEqual([1]);
  });

  it('is bounded while the server does not answer: what is beyond is dropped and counted', async () => {
    let answer: () => void = () => undefined;
    const stalled = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { relay, dropped } = open('async', () => stalled, 60);
    for (const id of ['a', 'b', 'c']) await relay.append(batch(id));
    expect(dropped).toEqual([1]);
    const flushed = relay.flush();
    await relay.append(batch('d'));
    expect(dropped).toEqual([1, 1]);
    answer();
    await flushed;
    await relay.append(batch('e'));
    expect(dropped).toEqual([1, 1]);
    const sync = open('sync', () => stalled, 1);
    await expect(sync.relay.append(batch('f'))).rejects.toMatchObject({ code: 'SRV_CAPTURE_FAILED', status: 503 });
  });
});
