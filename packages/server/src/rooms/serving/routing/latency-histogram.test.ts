import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from './latency-histogram.js';

describe('the latency histogram', () => {
  it('gives quantiles within 2 % of the sorted values', () => {
    const histogram = new LatencyHistogram();
    const values = Array.from({ length: 5000 }, (_, i) => 0.05 * 1.002 ** i);
    for (const value of values) histogram.add(value);
    for (const ratio of [0.01, 0.5, 0.95, 0.99]) {
      const exact = values[Math.ceil(ratio * values.length) - 1] as number;
      expect(Math.abs(histogram.quantileMs(ratio) / exact - 1)).toBeLessThan(0.02);
    }
    expect(histogram.count).toBe(5000);
  });

  it('answers 0 when nothing was counted and keeps values beyond its range in the last bucket', () => {
    const histogram = new LatencyHistogram();
    expect(histogram.quantileMs(0.99)).toBe(0);
    histogram.add(0);
    histogram.add(1e9);
    expect(histogram.quantileMs(0.5)).toBeLessThan(0.002);
    expect(histogram.quantileMs(1)).toBeGreaterThan(130_000);
  });
});
