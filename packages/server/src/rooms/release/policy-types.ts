import type { Role } from '@fairlead/kernel';
import type { GateSpec } from './gates/gate-types.js';
import type { RolloutSpec } from './rollout/rollout-types.js';
import type { WaiverPolicy } from './waiver-rules.js';

/** Who must sign before a model may serve in an environment. */
export interface ApprovalPolicy {
  readonly required: readonly { readonly role: Role; readonly count: number }[];
  /** The requester and the person who trained it may not sign. */
  readonly excludeAuthor: boolean;
  readonly expiresAfterHours: number;
}

/** How models reach an endpoint's production. Versioned: any change voids signatures under the former one. */
export interface ReleasePolicy {
  readonly endpoint: string;
  readonly gates: readonly GateSpec[];
  readonly approval: ApprovalPolicy;
  readonly rollout: RolloutSpec;
  /** Absent: no gate can be waived. */
  readonly waivers?: WaiverPolicy;
  /** How long after a switch the version to go back to stays in memory, 0 until the next one. Absent: as the server says. */
  readonly rollbackWindowMs?: number;
  readonly digest: string;
}

/** What a policy says, whichever endpoint it is of. */
export type PolicyContent = Omit<ReleasePolicy, 'endpoint' | 'digest'>;
