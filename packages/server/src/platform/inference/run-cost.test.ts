import { describe, expect, it } from 'vitest';
import { RunCost } from './run-cost.js';

const line = (runMs: number, rowMs: number) => (rows: number) => ({ rows, ms: runMs + rowMs * rows });

describe('the cost of runs', () => {
  it('is the line through what was measured when the model was loaded', () => {
    const cost = new RunCost([1, 8, 32].map(line(0.02, 0.001)));
    expect(cost.runMs).toBeCloseTo(0.02, 10);
    expect(cost.rowMs).toBeCloseTo(0.001, 10);
    expect(cost.msOf(100)).toBeCloseTo(0.12, 10);
    expect(cost.rowsWithin(0.1201)).toBe(100);
    expect(cost.rowsWithin(0.0209)).toBe(0);
  });

  it('is never below nothing, and then a line from the origin', () => {
    const cost = new RunCost([
      { rows: 1, ms: 0.1 },
      { rows: 10, ms: 10 },
    ]);
    expect([cost.runMs, cost.rowMs]).toEqual([0, (0.1 + 100) / 101]);
    const flat = new RunCost([
      { rows: 1, ms: 2 },
      { rows: 10, ms: 1 },
    ]);
    expect([flat.runMs, flat.rowMs]).toEqual([1.5, 0]);
  });

  it('follows runs that cost something else from now on', () => {
    const cost = new RunCost([1, 16].map(line(0.02, 0.001)));
    const now = line(0.05, 0.01);
    for (let i = 0; i < 400; i += 1) cost.add(now(1 + (i % 16)));
    expect(cost.rowMs).toBeGreaterThan(0.006);
    expect(cost.rowMs).toBeLessThan(0.012);
    expect(cost.rowsWithin(0.5)).toBeLessThan(80);
  });

  it('keeps its slope while all runs have one row, and is not thrown by one that was interrupted', () => {
    const usual = line(0.02, 0.001);
    const cost = new RunCost([1, 16].map(usual));
    for (let i = 0; i < 200; i += 1) cost.add(i % 50 === 49 ? { rows: 1, ms: 40 } : usual(1));
    expect(cost.msOf(1)).toBeLessThan(0.024);
    expect(cost.rowMs).toBeGreaterThan(0.0005);
  });
});
