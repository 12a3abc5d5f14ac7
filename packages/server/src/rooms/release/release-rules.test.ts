import type { Actor } from '@fairlead/kernel';
import { describe, expect, it } from 'vitest';
import { approvalHolds, describeMissing, judgeSignature, missingSignatures } from './approval-rules.js';
import type { ApprovalPolicy, Signature } from './release-types.js';

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
