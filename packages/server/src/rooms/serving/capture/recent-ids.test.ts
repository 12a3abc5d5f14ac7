import { describe, expect, it } from 'vitest';
import { RecentIds } from './recent-ids.js';

describe('the ids captured last', () => {
  it('are known per endpoint until twice as many newer ones push them out', () => {
    const ids = new RecentIds(2);
    for (const id of ['a', 'b', 'c']) ids.add('rain', id);
    expect([...ids.among('rain', ['a', 'b', 'c', 'd'])]).toEqual(['a', 'b', 'c']);
    expect([...ids.among('snow', ['a'])]).toEqual([]);
    for (const id of ['d', 'e']) ids.add('rain', id);
    expect([...ids.among('rain', ['a', 'b', 'c', 'd', 'e'])]).toEqual(['c', 'd', 'e']);
  });

  it('stay longer when they are captured again', () => {
    const ids = new RecentIds(2);
    for (const id of ['a', 'b', 'a', 'c', 'd']) ids.add('rain', id);
    expect([...ids.among('rain', ['a', 'b'])]).toEqual(['a']);
  });
});
