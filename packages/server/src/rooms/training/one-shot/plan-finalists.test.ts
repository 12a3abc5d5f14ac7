import { describe, expect, it } from 'vitest';
import type { SearchedTrial } from '../engine/search-news.js';
import { finalFitMs, planFinalists, reserveForFit } from './plan-finalists.js';

const trial = (number: number, fitMs: number, failed = false): SearchedTrial => ({
  ...{ number, trainer: `t${number}`, params: {}, score: number, foldScores: [], fitMs, pruned: false },
  failure: failed ? { code: 'TRN_TIME_OVER', message: '' } : null,
});
const facts = { usedRows: 50_000, allRows: 1_000_000, folds: 3, threads: 2 };

describe('the finalists of an automatic choice', () => {
  it('are compared on four times the rows when the budget holds for that and for the last fit', () => {
    const trials = [trial(1, 300), trial(2, 600, true), trial(3, 300), trial(4, 300), trial(5, 300)];
    const found = planFinalists({ ...facts, trials, leftMs: 60_000 });
    expect(found?.finalists.map(({ number }) => number)).toEqual([1, 3, 4]);
    expect(found?.rows).toBe(200_000);
    // Three fits of 300 ms over 33,333 rows: 100 ms each, on a million 3 s; again on 200,000 rows 1.8 s on two threads.
    expect(finalFitMs(trials, facts)).toBeCloseTo(6000);
    const three = [trial(1, 300), trial(3, 300), trial(4, 300)];
    const countIn = (leftMs: number) => planFinalists({ ...facts, trials: three, leftMs })?.finalists.length;
    expect([4900, 4700, 4100].map(countIn)).toEqual([3, 2, undefined]);
  });

  it('are none where one is left or every row was used', () => {
    const two = [trial(1, 1), trial(2, 1)];
    expect(planFinalists({ ...facts, trials: two.slice(0, 1), leftMs: 1e9 })).toBeNull();
    expect(planFinalists({ ...facts, allRows: 50_000, trials: two, leftMs: 1e9 })).toBeNull();
  });
});

describe('the time kept for the fit on all rows', () => {
  it('is that of the best trial so far, whatever the others take', () => {
    const reserve = reserveForFit(facts, 'rmse');
    expect(reserve.ms()).toBe(0);
    reserve.look(trial(1, 600, true));
    expect(reserve.ms()).toBe(0);
    reserve.look(trial(5, 300));
    expect(reserve.ms()).toBeCloseTo(3000);
    reserve.look(trial(9, 900));
    expect(reserve.ms()).toBeCloseTo(3000);
    reserve.look(trial(2, 30));
    expect(reserve.ms()).toBeCloseTo(300);
  });
});
