import { describe, expect, it } from 'vitest';
import { RecentIds } from './recent-ids.js';

describe('the ids captured last', () => {
  it('are known per endpoint until newer ones push them out', () => {
    const ids = new RecentIds(2);
    ids.add('rain', 'a');
    ids.add('rain', 'b');
    expect([ids.has('rain', 'a'), ids.has('snow', 'a')]).toEqual([true, false]);
    ids.add('rain', 'c');
    expect([ids.has('rain', 'a'), ids.has('rain', 'b'), ids.has('rain', 'c')]).toEqual([false, true, true]);
  });

  it('stay longer when they are captured again', () => {
    const ids = new RecentIds(2);
    for (const id of ['a', 'b', 'a', 'c']) ids.add('rain', id);
    expect([ids.has('rain', 'a'), ids.has('rain', 'b')]).toEqual([true, false]);
  });
});
