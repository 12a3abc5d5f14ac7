import { describe, expect, it } from 'vitest';
import { OffsetWindow } from './offset-window.js';

const opened = (...offsets: bigint[]) => {
  const window = new OffsetWindow();
  for (const offset of offsets) window.deliver(offset);
  return window;
};

describe('the window of a partition', () => {
  it('has nothing to commit before the first message is acknowledged', () => {
    const window = opened(5n, 6n, 7n);
    expect(window.mark).toBeNull();
    window.ack(6n);
    window.ack(7n);
    expect(window.mark).toBeNull();
  });

  it('commits what lies below the first message that is not acknowledged, over gaps', () => {
    const window = opened(5n, 6n, 9n, 12n);
    window.ack(9n);
    window.ack(5n);
    expect(window.mark).toBe(6n);
    window.ack(6n);
    expect(window.mark).toBe(10n);
    window.ack(12n);
    expect(window.mark).toBe(13n);
  });

  it('takes no offset twice and acknowledges none twice', () => {
    const window = opened(5n, 6n);
    expect(window.deliver(6n)).toBe(false);
    expect(window.deliver(5n)).toBe(false);
    expect(window.ack(5n)).toBe(true);
    expect(window.ack(5n)).toBe(false);
    expect(window.ack(99n)).toBe(false);
    expect(window.deliver(7n)).toBe(true);
    expect(window.mark).toBe(6n);
  });

  it('says the same as a plain count, in any order of acknowledgements', () => {
    const size = 5_000;
    const window = opened(...Array.from({ length: size }, (_, i) => BigInt(i)));
    const acked = new Set<number>();
    let below = 0;
    // 2,377 is prime to 5,000: every offset once, far from their order.
    for (let i = 0; i < size; i += 1) {
      const offset = (i * 2_377) % size;
      window.ack(BigInt(offset));
      acked.add(offset);
      while (acked.has(below)) below += 1;
      expect(window.mark).toBe(below === 0 ? null : BigInt(below));
    }
    expect(window.mark).toBe(BigInt(size));
  });
});
