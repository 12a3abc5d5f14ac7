import { describe, expect, it } from 'vitest';
import { dueFirings, MAX_CATCH_UP, nextFire } from './schedule-rules.js';

const utc = (text: string) => Date.parse(`${text}Z`);
const oslo = { cron: '30 2 * * *', timezone: 'Europe/Oslo' };
const hourly = { cron: '0 * * * *', timezone: 'UTC' };
const missed = {
  rhythm: hourly,
  fromMs: utc('2026-03-01T01:00'),
  nowMs: utc('2026-03-01T05:20'),
  toleranceMs: 60_000,
};

describe('when a schedule fires', () => {
  it('is strictly after the given moment', () => {
    expect(nextFire(hourly, utc('2026-03-01T01:00'))).toBe(utc('2026-03-01T02:00'));
    expect(nextFire(hourly, utc('2026-03-01T01:00') - 1)).toBe(utc('2026-03-01T01:00'));
  });

  it('fires once on the days on which the clocks change', () => {
    const days = (from: string, to: string) =>
      dueFirings({ rhythm: oslo, fromMs: utc(from), nowMs: utc(to), catchUp: { all: 10 }, toleranceMs: 0 });
    expect(days('2026-03-28T12:00', '2026-03-29T12:00').length).toBe(1);
    expect(days('2026-10-24T12:00', '2026-10-25T12:00').length).toBe(1);
  });

  it('catches up nothing, the last one or the last few', () => {
    const at = (hour: number) => utc(`2026-03-01T0${hour}:00`);
    expect(dueFirings({ ...missed, catchUp: 'none' })).toEqual([]);
    expect(dueFirings({ ...missed, catchUp: 'last' })).toEqual([at(5)]);
    expect(dueFirings({ ...missed, catchUp: { all: 3 } })).toEqual([at(3), at(4), at(5)]);
    expect(dueFirings({ ...missed, catchUp: { all: 0 } })).toEqual([]);
  });

  it('takes a firing that is only a little late for one on time', () => {
    const nowMs = utc('2026-03-01T05:00') + 59_000;
    expect(dueFirings({ ...missed, nowMs, catchUp: 'none' })).toEqual([utc('2026-03-01T05:00')]);
  });

  it('counts back from now when it missed more than it may make', () => {
    const rhythm = { cron: '* * * * *', timezone: 'UTC' };
    const nowMs = utc('2026-03-01T05:00');
    const due = dueFirings({ rhythm, fromMs: 0, nowMs, catchUp: { all: 5_000 }, toleranceMs: 0 });
    expect(due.length).toBe(MAX_CATCH_UP);
    expect(due.at(-1)).toBe(nowMs);
    expect(due[0]).toBe(nowMs - (MAX_CATCH_UP - 1) * 60_000);
  });

  it('names what it cannot read', () => {
    expect(() => nextFire({ cron: 'often', timezone: 'UTC' }, 0)).toThrow(/"often" in "UTC"/);
  });
});
