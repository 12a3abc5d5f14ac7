import type { Actor } from '@fairlead/kernel';
import { describe, expect, it } from 'vitest';
import { approvalHolds, describeMissing, judgeSignature, missingSignatures } from './approval-rules.js';
import type { ApprovalPolicy, Signature } from './release-types.js';
import { type CanarySituation, checkRollout, decideCanary, judgeGuardrails } from './rollout-rules.js';

const policy: ApprovalPolicy = {
  required: [
    { role: 'qa', count: 1 },
    { role: 'product-owner', count: 2 },
  ],
  excludeAuthor: true,
  expiresAfterHours: 24,
};
const person = (id: string, ...roles: Actor['roles']): Actor => ({ kind: 'user', id, roles, authenticated: true });
const signature = (name: string, role: Signature['role'], meaning: Signature['meaning'] = 'approved'): Signature => ({
  person: name,
  role,
  meaning,
  comment: '',
  atMs: 0,
  over: 'x',
});

describe('a signature', () => {
  const attempt = (actor: Actor, role: Signature['role'], signatures: Signature[] = []) =>
    judgeSignature({ actor, role, release: { requestedBy: 'ann', signatures }, policy, authors: ['ann', 'ben'] });

  it('counts from a person who holds the role and made neither model nor request', () => {
    expect(attempt(person('cat', 'qa'), 'qa')).toEqual({ ok: true });
  });

  it.each([
    ['the requester, even as admin', person('ann', 'qa', 'admin'), 'qa', [], 'REL_SELF_APPROVAL'],
    ['who registered the version', person('ben', 'qa'), 'qa', [], 'REL_SELF_APPROVAL'],
    ['somebody without the role', person('cat', 'viewer'), 'qa', [], 'REL_ROLE_NOT_HELD'],
    ['a role nobody asked for', person('cat', 'auditor'), 'auditor', [], 'REL_ROLE_NOT_ASKED'],
    [
      'the same person twice',
      person('cat', 'qa', 'product-owner'),
      'qa',
      [signature('cat', 'product-owner')],
      'REL_ALREADY_SIGNED',
    ],
  ] as const)('is refused from %s', (_, actor, role, signatures, code) => {
    expect(attempt(actor, role, [...signatures])).toMatchObject({ ok: false, code });
  });

  it('brings the quorum nearer role by role', () => {
    expect(describeMissing(missingSignatures(policy, []))).toBe('3 signatures: 1 qa, 2 product-owner');
    const some = [signature('cat', 'qa'), signature('dan', 'product-owner'), signature('eve', 'qa')];
    expect(describeMissing(missingSignatures(policy, some))).toBe('1 signature: 1 product-owner');
    expect(describeMissing(missingSignatures(policy, [...some, signature('fay', 'product-owner')]))).toBeNull();
    expect(missingSignatures(policy, [signature('cat', 'qa', 'rejected')])).toHaveLength(2);
  });

  it('holds for the hours the policy gives', () => {
    expect(approvalHolds(policy, 0, 24 * 3_600_000 - 1)).toBe(true);
    expect(approvalHolds(policy, 0, 24 * 3_600_000)).toBe(false);
  });
});

const spec = {
  kind: 'canary',
  steps: [
    { weight: 0.2, minRequests: 50 },
    { weight: 0.5, minRequests: 50 },
    { weight: 1, minRequests: 0 },
  ],
  guardrails: { maxErrorRatio: 0.02, maxP99Ms: 100, maxNonFiniteRatio: 0 },
  advance: 'auto',
  maxWaitMs: 1_000,
  onMaxWait: 'rollback',
} as const;
const healthy = { requests: 60, errors: 1, nonFiniteOutputs: 0, p99Ms: 12 };
const decide = (seen: Partial<typeof healthy>, change: Partial<CanarySituation> = {}) => {
  const observed = { ...healthy, ...seen };
  const guardrails = judgeGuardrails(spec, observed);
  return decideCanary({ spec, step: 0, guardrails, requests: observed.requests, waitedMs: 0, force: false, ...change });
};

describe('a canary', () => {
  it('moves on when its guardrails held over enough requests', () => {
    expect(decide({})).toMatchObject({ kind: 'advance', step: 1, weight: 0.5 });
    expect(decide({}, { step: 2 })).toMatchObject({ kind: 'finish' });
  });

  it('waits for more requests, and without any its guardrails say nothing', () => {
    expect(decide({ requests: 10, errors: 0 })).toMatchObject({
      kind: 'wait',
      reason: '10 of 50 requests at this step',
    });
    const none = judgeGuardrails(spec, { requests: 0, errors: 0, nonFiniteOutputs: 0, p99Ms: Number.NaN });
    expect(none.map((rail) => rail.verdict)).toEqual(['insufficient', 'insufficient', 'insufficient']);
    expect(decide({ requests: 0, errors: 0, p99Ms: Number.NaN })).toMatchObject({ kind: 'wait' });
  });

  it('goes back on any failed guardrail, also while forced or held for a person', () => {
    expect(decide({ errors: 2 })).toMatchObject({ kind: 'roll-back', reason: 'Error ratio 0.0333, at most 0.02' });
    expect(decide({ p99Ms: 101 }, { force: true })).toMatchObject({ kind: 'roll-back' });
    expect(decide({ nonFiniteOutputs: 1 }, { spec: { ...spec, advance: 'manual' } })).toMatchObject({
      kind: 'roll-back',
    });
  });

  it('applies the stated rule after the longest wait', () => {
    const few = { requests: 10, errors: 0 };
    expect(decide(few, { waitedMs: 1_001 })).toMatchObject({ kind: 'roll-back' });
    expect(decide(few, { waitedMs: 1_001, spec: { ...spec, onMaxWait: 'hold' } })).toMatchObject({ kind: 'wait' });
  });

  it('under a manual policy moves only when somebody says so', () => {
    const manual = { spec: { ...spec, advance: 'manual' } } as const;
    expect(decide({}, manual)).toMatchObject({ kind: 'wait' });
    expect(decide({ requests: 3, errors: 0 }, { ...manual, force: true })).toMatchObject({ kind: 'advance' });
  });

  it('must rise to all traffic', () => {
    expect(checkRollout(spec)).toEqual([]);
    const falling = {
      ...spec,
      steps: [
        { weight: 0.5, minRequests: 1 },
        { weight: 0.2, minRequests: 1 },
      ],
    };
    expect(checkRollout(falling)).toHaveLength(2);
  });
});
