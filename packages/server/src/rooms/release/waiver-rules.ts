import type { Actor, Role } from '@fairlead/kernel';
import type { GateResult, GateSpec } from './gates/gate-types.js';

/** Who may let a release go on although a gate did not pass. */
export interface WaiverPolicy {
  readonly roles: readonly Role[];
  /** No waiver lasts longer. */
  readonly maxHours: number;
  /** Gates that nobody may waive. */
  readonly never: readonly GateSpec['kind'][];
}

/** A person's word that a release may go on although one gate did not pass, until a day. */
export interface Waiver {
  /** Place of the gate in the report, from 0, and its kind. */
  readonly gate: number;
  readonly kind: GateResult['kind'];
  readonly person: string;
  readonly role: Role;
  readonly reason: string;
  readonly atMs: number;
  readonly expiresAtMs: number;
  /** sha256 of the canonical {modelDigest, gateReportDigest, policyDigest, gate}, of the report as the gates left it. */
  readonly over: string;
}

export type WaiverVerdict =
  | { readonly ok: true; readonly gate: number }
  | {
      readonly ok: false;
      readonly code:
        | 'REL_NOT_WAIVABLE'
        | 'REL_WAIVER_INVALID'
        | 'REL_SELF_APPROVAL'
        | 'REL_ROLE_NOT_HELD'
        | 'REL_ROLE_NOT_ASKED';
      readonly message: string;
    };

export interface WaiverAttempt {
  readonly actor: Actor;
  readonly role: Role;
  /** The gate by its kind, and by its place (from 1) where several are of that kind. */
  readonly gate: string;
  readonly place?: number | undefined;
  readonly expiresAtMs: number;
  readonly nowMs: number;
  readonly gates: readonly GateResult[];
  readonly waivers: readonly Waiver[];
  readonly policy: WaiverPolicy | undefined;
  /** Who asked for the release and who registered the version: never, whatever the policy says of signatures. */
  readonly authors: readonly string[];
}

/** May this person waive this gate? An admin is no exception. */
export function judgeWaiver(attempt: WaiverAttempt): WaiverVerdict {
  const { actor, role, policy, authors, expiresAtMs, nowMs } = attempt;
  if (policy === undefined) return refuse('REL_NOT_WAIVABLE', 'The policy of the endpoint knows no waivers.');
  if (!actor.roles.includes(role)) return refuse('REL_ROLE_NOT_HELD', `${actor.id} does not hold the role ${role}.`);
  if (!policy.roles.includes(role)) {
    return refuse('REL_ROLE_NOT_ASKED', `The policy lets ${policy.roles.join(', ')} waive gates, not ${role}.`);
  }
  if (authors.includes(actor.id)) {
    return refuse(
      'REL_SELF_APPROVAL',
      `${actor.id} asked for this release or made the model, and may waive none of its gates.`,
    );
  }
  const longest = nowMs + policy.maxHours * 3_600_000;
  if (expiresAtMs <= nowMs || expiresAtMs > longest) {
    const until = new Date(longest).toISOString();
    return refuse('REL_WAIVER_INVALID', `A waiver must end after now and, by the policy, not after ${until}.`);
  }
  return judgeGateOf(attempt, policy);
}

function judgeGateOf({ gate, place, gates, waivers }: WaiverAttempt, policy: WaiverPolicy): WaiverVerdict {
  const open = [...gates.entries()].filter(
    ([index, result]) =>
      result.kind === gate &&
      result.verdict !== 'pass' &&
      (place === undefined || index === place - 1) &&
      !waivers.some((waiver) => waiver.gate === index),
  );
  const [found, ...more] = open;
  if (found === undefined) {
    return refuse('REL_NOT_WAIVABLE', `No gate ${gate} of this release failed or is insufficient without a waiver.`);
  }
  if (more.length > 0) {
    const places = open.map(([index]) => index + 1).join(' and ');
    return refuse('REL_NOT_WAIVABLE', `The gates at the places ${places} are of the kind ${gate}: name the place.`);
  }
  if (policy.never.some((kind) => kind === gate)) {
    return refuse('REL_NOT_WAIVABLE', `The policy lets nobody waive the gate ${gate}.`);
  }
  return { ok: true, gate: found[0] };
}

function refuse(code: Exclude<WaiverVerdict, { ok: true }>['code'], message: string): WaiverVerdict {
  return { ok: false, code, message };
}

/** Gates that neither passed nor are waived. */
export function gatesInTheWay(gates: readonly GateResult[], waivers: readonly Waiver[]): GateResult[] {
  return gates.filter((gate, index) => gate.verdict !== 'pass' && !waivers.some((waiver) => waiver.gate === index));
}

/** The first waiver that has come to its end, or undefined. */
export function expiredWaiver(waivers: readonly Waiver[] | undefined, nowMs: number): Waiver | undefined {
  return waivers?.find(({ expiresAtMs }) => nowMs >= expiresAtMs);
}
