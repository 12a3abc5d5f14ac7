import { describe, expect, it } from 'vitest';
import { RecentIds } from './recent-ids.js';

describe('the ids captured last', () => {
  it('are known per endpoint until twice as many newer ones push them out', () => {
    const ids = new RecentIds(2);
    for (const id of ['a', 'b', 'c']) ids.add('rain', id);
    expect(['a', 'b', 'c'].map((id) => ids.has('rain', id))).toEqual([true, true, true]);
    expect(ids.has('snow', 'a')).toBe(false);
    for (const id of ['d', 'e']) ids.add('rain', id);
    expect(['a', 'b', 'c', 'd', 'e'].map((id) => ids.has('rain', id))).toEqual([false, false, true, true, true]);
  });

  it('stay longer when they are captured again', () => {
    const ids = new RecentIds(2);
    for (const id of ['a', 'b', 'a', 'c', 'd']) ids.add('rain', id);
    expect([ids.has('rain', 'a'), ids.has('rain', 'b')]).toEqual([true, false]);
  });
});
