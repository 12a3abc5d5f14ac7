import { describe, expect, it } from 'vitest';
import { checkParity } from './check-parity.js';

const expected = Float64Array.of(0.2, 0.8, 0.6, 0.4);
const check = (probabilities: readonly number[], labels: readonly string[]) =>
  checkParity(
    { task: 'classification', labels: ['dry', 'wet'] },
    { values: expected, width: 2 },
    { values: Float64Array.from(probabilities), decisions: labels },
  );

describe('parity', () => {
  it('passes within a ten-thousandth and with equal labels', () => {
    expect(check([0.20005, 0.79995, 0.6, 0.4], ['wet', 'dry'])).toMatchObject({ rows: 2, verdict: 'pass' });
  });

  it('fails on a larger difference, on NaN, on another label and on a missing row', () => {
    expect(check([0.2002, 0.7998, 0.6, 0.4], ['wet', 'dry'])).toMatchObject({ verdict: 'fail', labelsEqual: true });
    expect(check([Number.NaN, 0.8, 0.6, 0.4], ['wet', 'dry']).verdict).toBe('fail');
    expect(check([0.2, 0.8, 0.6, 0.4], ['wet', 'wet'])).toMatchObject({ verdict: 'fail', labelsEqual: false });
    expect(check([0.2, 0.8, 0.6, 0.4], ['wet']).labelsEqual).toBe(false);
    expect(check([0.2, 0.8, 0.6, 0.4], ['wet', 'hail']).labelsEqual).toBe(false);
  });

  it('lets either label stand where two classes tie', () => {
    const tie = checkParity(
      { task: 'classification', labels: ['dry', 'wet'] },
      { values: Float64Array.of(0.5, 0.5), width: 2 },
      { values: Float64Array.of(0.5, 0.5), decisions: ['wet'] },
    );
    expect(tie.verdict).toBe('pass');
  });
});
