import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  defineErrors,
  errorTableOf,
  fixedClock,
  formatDuration,
  isFairleadError,
  isName,
  newId,
  parseDurationMs,
  sleep,
} from './index.js';

describe('ids', () => {
  it('sort by the millisecond in which they were made and carry version 7', () => {
    const early = newId(1_700_000_000_000);
    const late = newId(1_700_000_000_001);
    expect(early < late).toBe(true);
    expect(early).toMatch(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    expect(Number.parseInt(early.slice(0, 12), 16)).toBe(1_700_000_000_000);
  });

  it('sort in the order they were made within one millisecond, past the counter too', () => {
    const ids = Array.from({ length: 10_000 }, () => newId(1_800_000_000_000));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(10_000);
  });

  it('refuses names that could leave a folder or break a URL', () => {
    expect(['rain', 'port-weather.v1', 'A_1'].every(isName)).toBe(true);
    expect(['', '..', '.hidden', 'a/b', 'a b', '-x', 'x'.repeat(101)].some(isName)).toBe(false);
  });
});

describe('canonical JSON', () => {
  it('gives equal text for equal values whatever the key order', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined, A: true })).toBe(
      '{"A":true,"b":[1,{"c":"x","d":null}]}',
    );
  });

  it('refuses what JSON would silently change', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(RangeError);
    expect(() => canonicalJson({ a: 1n })).toThrow(TypeError);
  });
});

describe('errors', () => {
  const errors = defineErrors('demo', {
    DEMO_GONE: { status: 404, fault: 'user', title: 'Gone', remedy: 'Look elsewhere.' },
  });

  it('carry code, status, remedy, data and a cause', () => {
    const cause = new Error('inner');
    const error = errors.DEMO_GONE('It is gone.', { data: { name: 'x' }, cause });
    expect(error).toMatchObject({
      code: 'DEMO_GONE',
      status: 404,
      fault: 'user',
      remedy: 'Look elsewhere.',
      data: { name: 'x' },
      cause,
    });
    expect(error.id).toMatch(/^[0-9a-f]{8}$/);
    expect(isFairleadError(error)).toBe(true);
    expect(isFairleadError(new Error('x'))).toBe(false);
  });

  it('can be listed for the reference', () => {
    expect(errorTableOf(errors)?.table.DEMO_GONE?.title).toBe('Gone');
    expect(errorTableOf({})).toBeUndefined();
  });
});

describe('time', () => {
  it('stands still in a fixed clock until moved', () => {
    const clock = fixedClock(5);
    clock.advance(10);
    expect(clock.nowMs()).toBe(15);
  });

  it('stops sleeping when aborted', async () => {
    const abort = new AbortController();
    const sleeping = sleep(60_000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
  });

  it('reads and writes lengths of time', () => {
    expect([parseDurationMs('500ms'), parseDurationMs('4h'), parseDurationMs('1.5d'), parseDurationMs(7)]).toEqual([
      500, 14_400_000, 129_600_000, 7,
    ]);
    expect(() => parseDurationMs('soon')).toThrow(RangeError);
    expect([340, 2_100, 200_000, 14_400_000, 180_000_000].map(formatDuration)).toEqual([
      '340 ms',
      '2.1 s',
      '3 min 20 s',
      '4 h',
      '2 d 2 h',
    ]);
  });
});
