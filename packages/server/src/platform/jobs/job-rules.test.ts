import { defineErrors } from '@fairlead/kernel';
import { describe, expect, it } from 'vitest';
import { afterFailure, afterLoss, afterRelease, describeError, limitFor, retryDelayMs } from './job-rules.js';

const counts = { failures: 0, losses: 0, maxAttempts: 3, cancelRequested: false };
const system = { code: 'X', message: 'm', fault: 'system' as const };

describe('what becomes of a job', () => {
  it('waits twice as long before every further try, at most a minute', () => {
    expect([1, 2, 3, 7, 50].map((failures) => retryDelayMs(failures, 1_000))).toEqual([
      1_000, 2_000, 4_000, 60_000, 60_000,
    ]);
  });

  it('fails after the last attempt, and at once for a mistake of the user', () => {
    expect(afterFailure(counts, system, 10)).toEqual({ next: 'queued', delayMs: 10, failures: 1, losses: 0 });
    expect(afterFailure({ ...counts, failures: 2 }, system, 10)).toMatchObject({ next: 'failed', failures: 3 });
    expect(afterFailure(counts, { ...system, fault: 'user' }, 10)).toMatchObject({ next: 'failed', failures: 1 });
  });

  it('forgives three lost workers and no fourth', () => {
    expect(afterLoss({ ...counts, losses: 2 })).toEqual({ next: 'queued', delayMs: 0, failures: 0, losses: 3 });
    expect(afterLoss({ ...counts, losses: 3 })).toMatchObject({ next: 'failed', failures: 0, losses: 4 });
  });

  it('lets a wish to cancel win over every retry', () => {
    const wished = { ...counts, cancelRequested: true };
    const verdicts = [afterFailure(wished, system, 10), afterLoss(wished), afterRelease(wished)];
    expect(verdicts.map((verdict) => verdict.next)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  it('finds the limit of a key by the whole key, then by its first part, then takes one', () => {
    const limits = { gpu: 4, model: 2, 'model:big': 1 };
    expect(['gpu', 'model:churn', 'model:big', 'tenant:a'].map((key) => limitFor(key, limits))).toEqual([4, 2, 1, 1]);
  });

  it('takes an error without a code for a fault of the machinery', () => {
    const errors = defineErrors('t', { T: { status: 400, fault: 'user', title: 't', remedy: 'r' } });
    expect(describeError(new Error('boom'))).toEqual({ code: 'INTERNAL', message: 'boom', fault: 'system' });
    expect(describeError(errors.T('bad'))).toMatchObject({ code: 'T', fault: 'user', remedy: 'r' });
  });
});
