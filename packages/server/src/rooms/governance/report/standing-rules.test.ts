import { describe, expect, it } from 'vitest';
import type { RoutingTable } from '../../serving/index.js';
import { liveSpans, standingOf } from './standing-rules.js';

function table(setAtMs: number, weights: Readonly<Record<number, number>>, environment = 'production'): RoutingTable {
  const entries = Object.entries(weights).map(([version, weight]) => ({
    deploymentId: version,
    version: Number(version),
    weight,
  }));
  return { endpoint: 'e', environment, revision: 1, entries, shadows: [], reason: '', setBy: '', setAtMs };
}

describe('the time a version answers', () => {
  it('begins and ends with the changes of its share', () => {
    const history = [table(10, { 1: 1 }), table(20, { 1: 0.8, 2: 0.2 }), table(30, { 2: 1 }), table(40, { 1: 1 })];
    const place = { endpoint: 'e', environment: 'production' };
    expect(liveSpans(history, 2)).toEqual([
      { ...place, weight: 0.2, fromMs: 20, untilMs: 30 },
      { ...place, weight: 1, fromMs: 30, untilMs: 40 },
    ]);
    expect(liveSpans(history, 1).at(-1)).toMatchObject({ fromMs: 40, untilMs: null });
    expect(liveSpans(history, 3)).toEqual([]);
  });

  it('goes on through a change that leaves its share as it was', () => {
    expect(liveSpans([table(10, { 1: 1 }), table(20, { 1: 1 })], 1)).toMatchObject([{ fromMs: 10, untilMs: null }]);
  });
});

describe('the standing of a version', () => {
  const spans = (weight: number, environment = 'production') =>
    liveSpans([table(10, { 2: weight, 1: 1 - weight }, environment)], 2);

  it('is what serves now, whatever its release says', () => {
    expect(standingOf(spans(1), [{ state: 'superseded' }]).headline).toBe('Live in production');
    expect(standingOf(spans(0.2), []).tone).toBe('warn');
  });

  it('is else where its newest release came to', () => {
    expect(standingOf(spans(1, 'test'), [{ state: 'gates-failed' }, { state: 'released' }]).headline).toBe(
      'Refused by its gates',
    );
    expect(standingOf([], [{ state: 'released' }]).headline).toContain('does not serve now');
    expect(standingOf([], []).headline).toContain('nobody has asked');
  });
});
