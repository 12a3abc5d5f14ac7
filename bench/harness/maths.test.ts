import { describe, expect, it } from 'vitest';
import { judge, median, orderOfRound, pairedRatio, parseBudgets } from './maths.mjs';

const budget = { bench: 'server', metric: 'readyMs', max: 1500, unit: 'ms', why: 'a newcomer waits for it' };

describe('median', () => {
  it('is the middle of an odd and the mean of the two middles of an even number of values, in any order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 2, 9, 1])).toBe(5.5);
    expect(median([10, 9, 1])).toBe(9); // numeric, not textual, order
  });

  it('refuses no values and values that are not numbers', () => {
    expect(() => median([])).toThrow(RangeError);
    expect(() => median([1, Number.NaN])).toThrow('not finite');
  });
});

describe('pairedRatio', () => {
  it('compares round by round, so that a machine that halves its speed midway changes nothing', () => {
    expect(pairedRatio([20, 20, 40, 40], [10, 10, 20, 20])).toBe(2);
  });

  it('refuses unequal rounds and a floor of zero', () => {
    expect(() => pairedRatio([1, 2], [1])).toThrow('2 values against 1');
    expect(() => pairedRatio([1], [0])).toThrow('above 0');
  });
});

describe('orderOfRound', () => {
  it('reverses every second round and leaves the list itself alone', () => {
    const variants = ['a', 'b', 'c'];
    expect(orderOfRound(variants, 0)).toEqual(['a', 'b', 'c']);
    expect(orderOfRound(variants, 1)).toEqual(['c', 'b', 'a']);
    expect(variants).toEqual(['a', 'b', 'c']);
  });
});

describe('judge', () => {
  const measured = (value: number) => [{ bench: 'server', metric: 'readyMs', value, unit: 'ms' }];

  it('lets a value on the limit pass and one beyond it fail', () => {
    expect(judge([budget], measured(1500))[0]?.verdict).toBe('within');
    expect(judge([budget], measured(1500.1))[0]?.verdict).toBe('over');
  });

  it('reads min as a floor', () => {
    const floor = { ...budget, max: undefined, min: 100 };
    expect(judge([floor], measured(99))[0]?.verdict).toBe('over');
    expect(judge([floor], measured(100))[0]?.verdict).toBe('within');
  });

  it('fails a budget that nobody measured', () => {
    expect(judge([budget], [])[0]?.verdict).toBe('missing');
    expect(judge([budget], measured(Number.NaN))[0]?.verdict).toBe('missing');
  });
});

describe('parseBudgets', () => {
  it('accepts a limit with its unit and reason', () => {
    expect(parseBudgets([budget])).toEqual([budget]);
  });

  it('refuses a budget without limit, without reason, or twice', () => {
    expect(() => parseBudgets([{ ...budget, max: undefined }])).toThrow('max or min');
    expect(() => parseBudgets([{ ...budget, why: '' }])).toThrow('why');
    expect(() => parseBudgets([budget, budget])).toThrow('two budgets');
  });
});
