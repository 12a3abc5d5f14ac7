import type { Actor, Role } from '@fairlead/kernel';
import type { ApprovalPolicy, Release, Signature } from './release-types.js';

export type SignatureVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: 'REL_SELF_APPROVAL' | 'REL_ROLE_NOT_HELD' | 'REL_ROLE_NOT_ASKED' | 'REL_ALREADY_SIGNED';
      readonly message: string;
    };

export interface SignatureAttempt {
  readonly actor: Actor;
  readonly role: Role;
  readonly release: Pick<Release, 'signatures' | 'requestedBy'>;
  readonly policy: ApprovalPolicy;
  /** Who registered the version, beside who asked for the release. */
  readonly authors: readonly string[];
}

/** May this person sign in this role? An admin is no exception. */
export function judgeSignature({ actor, role, release, policy, authors }: SignatureAttempt): SignatureVerdict {
  if (!actor.roles.includes(role)) {
    return refuse('REL_ROLE_NOT_HELD', `${actor.id} does not hold the role ${role}.`);
  }
  if (policy.excludeAuthor && authors.includes(actor.id)) {
    return refuse('REL_SELF_APPROVAL', `${actor.id} asked for this release or made the model, and may not sign it.`);
  }
  if (release.signatures.some((signature) => signature.person === actor.id)) {
    return refuse('REL_ALREADY_SIGNED', `${actor.id} has signed this release already.`);
  }
  if (!policy.required.some((required) => required.role === role)) {
    const roles = policy.required.map((required) => required.role).join(', ');
    return refuse('REL_ROLE_NOT_ASKED', `The policy asks for signatures of ${roles}, not of ${role}.`);
  }
  return { ok: true };
}

function refuse(code: Exclude<SignatureVerdict, { ok: true }>['code'], message: string): SignatureVerdict {
  return { ok: false, code, message };
}

/** How many signatures are still missing, by role. Empty: the quorum is reached. */
export function missingSignatures(
  policy: ApprovalPolicy,
  signatures: readonly Signature[],
): readonly { readonly role: Role; readonly count: number }[] {
  const wanted = new Map<Role, number>();
  // A role named twice asks for both counts: one signature must not satisfy two demands.
  for (const { role, count } of policy.required) wanted.set(role, (wanted.get(role) ?? 0) + count);
  const approved = signatures.filter((signature) => signature.meaning === 'approved');
  return [...wanted]
    .map(([role, count]) => ({ role, count: count - approved.filter((signature) => signature.role === role).length }))
    .filter(({ count }) => count > 0);
}

/** "2 signatures: 1 qa, 1 product-owner", or null when nothing is missing. */
export function describeMissing(missing: ReturnType<typeof missingSignatures>): string | null {
  const total = missing.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  const parts = missing.map(({ role, count }) => `${count} ${role}`).join(', ');
  return `${total} ${total === 1 ? 'signature' : 'signatures'}: ${parts}`;
}

/** True while an approval given at `approvedAtMs` still counts. */
export function approvalHolds(policy: ApprovalPolicy, approvedAtMs: number, nowMs: number): boolean {
  return nowMs < approvedAtMs + policy.expiresAfterHours * 3_600_000;
}
