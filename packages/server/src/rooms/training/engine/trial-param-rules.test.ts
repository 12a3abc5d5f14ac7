import { describe, expect, it } from 'vitest';
import { overrideNotes, trialOverrides } from './trial-param-rules.js';

describe('what a trial sets otherwise than the last fit', () => {
  const svc = { trainer: 'svc', params: { c: 1 } };
  it('is no calibration where only labels are read', () => {
    for (const metric of ['accuracy', 'balanced-accuracy', 'f1-macro'] as const) {
      expect(trialOverrides(svc, metric)).toEqual({ probability: false });
    }
    expect(trialOverrides({ trainer: 'linear-svc', params: {} }, 'accuracy')).toEqual({ probability: false });
  });
  it('is nothing where probabilities are judged, where there are none, or where the candidate decides', () => {
    for (const metric of ['brier', 'log-loss', 'roc-auc', null] as const)
      expect(trialOverrides(svc, metric)).toEqual({});
    expect(trialOverrides({ trainer: 'random-forest', params: {} }, 'accuracy')).toEqual({});
    expect(trialOverrides({ trainer: 'svc', params: { probability: true } }, 'accuracy')).toEqual({});
  });
  it('is told once per trainer', () => {
    expect(overrideNotes([svc, svc, { trainer: 'random-forest', params: {} }], 'accuracy')).toHaveLength(1);
    expect(overrideNotes([svc], 'brier')).toEqual([]);
  });
});
