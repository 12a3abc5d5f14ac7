import type { Role } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';
import type { EnvironmentService } from './environments/environment-types.js';
import type { GateResult } from './gates/gate-types.js';
import type { PolicyContent, ReleasePolicy } from './policy-types.js';
import type { ArmCounts, ArmRef, RolloutSpec } from './rollout/rollout-types.js';
import type { Waiver } from './waiver-rules.js';

export type { Environment } from './environments/environment-types.js';
export type { GateResult, GateSpec } from './gates/gate-types.js';
export type { ApprovalPolicy, PolicyContent, ReleasePolicy } from './policy-types.js';
export type { ArmRef, RolloutSpec } from './rollout/rollout-types.js';
export type { Waiver, WaiverPolicy } from './waiver-rules.js';

export type ReleaseState =
  | 'testing'
  | 'gates-failed'
  | 'awaiting-approval'
  | 'approved'
  | 'rolling-out'
  | 'released'
  | 'rejected'
  | 'expired'
  | 'rolled-back'
  | 'withdrawn'
  | 'superseded'
  | 'failed';

export interface Signature {
  readonly person: string;
  readonly role: Role;
  readonly meaning: 'approved' | 'rejected';
  readonly comment: string;
  readonly atMs: number;
  /** sha256 of the canonical {modelDigest, gateReportDigest, policyDigest}: the signature holds only for exactly these. */
  readonly over: string;
}

export interface CarriedCounts {
  readonly candidate: ArmCounts;
  readonly stable: ArmCounts | null;
}

/** A version that takes part in a bandit beside the candidate and the stable version. */
export interface OtherArm {
  readonly version: number;
  readonly deploymentId: string;
  /** The release whose approval it serves by. */
  readonly releaseId: string;
  /** Its share of traffic; 0 since it was taken out. */
  readonly weight: number;
  readonly guardrails: readonly GateResult[];
  /** What former routing tables counted. */
  readonly carried?: ArmCounts;
  /** By a guardrail that failed. */
  readonly takenOut?: { readonly reason: string; readonly atMs: number };
}

/** One version of a bandit, as people see it. */
export interface BanditArm {
  readonly version: number;
  readonly role: 'candidate' | 'stable' | 'other';
  /** Share of traffic now; when the bandit has ended, of all that came after. */
  readonly share: number;
  /** Rewards that have arrived; null until they were counted. */
  readonly rewards: number | null;
  /** Probability to be the best of those that take part, given the rewards so far. */
  readonly best: number | null;
  /** Those of the stable version are nobody's. */
  readonly guardrails: readonly GateResult[];
  readonly takenOut: NonNullable<OtherArm['takenOut']> | null;
  /** The release that it serves by; null of the stable version. */
  readonly releaseId: string | null;
}

/** Where a rollout stands. */
export interface Rollout {
  /** Counts the changes of the candidate's share. */
  readonly step: number;
  /** The candidate's share of traffic; 0: it answers nobody, as a shadow. */
  readonly weight: number;
  /** When the step began. */
  readonly sinceMs: number;
  /** When the rollout began; absent of those that began before this was kept. */
  readonly startedAtMs?: number;
  readonly guardrails: readonly GateResult[];
  /** The rollout of the policy that was signed: a policy declared since then is for the next release. */
  readonly spec: RolloutSpec;
  readonly note: string;
  /** Somebody stopped it where it is; its guardrails are watched all the same. */
  readonly paused?: { readonly by: string; readonly reason: string; readonly sinceMs: number } | null;
  /** Ended pauses, of the whole rollout and of the step. */
  readonly pausedMs?: number;
  readonly stepPausedMs?: number;
  /** What an A/B test or a bandit has seen so far. */
  readonly experiment?: Readonly<Record<string, unknown>>;
  /** What former routing tables of a bandit counted. */
  readonly carried?: CarriedCounts;
  /** The version to go back to; absent of rollouts that ended before this was kept. */
  readonly stableVersion?: number;
  /** Further arms of a bandit, in the order in which they were named. Absent: candidate and stable version alone. */
  readonly others?: readonly OtherArm[];
  /** The version that serves everything since a bandit ended. */
  readonly winner?: number;
}

export interface Release {
  readonly id: string;
  /** Counts the changes of this record; an update under an old revision is refused. */
  readonly revision: number;
  readonly endpoint: string;
  /** Where it is to serve. */
  readonly environment: string;
  readonly model: string;
  readonly version: number;
  readonly modelDigest: string;
  /** Of the way in which it was served when the gates ran; null until they have. */
  readonly configurationDigest: string | null;
  readonly policyDigest: string;
  readonly gateReportDigest: string | null;
  readonly gates: readonly GateResult[];
  /** Of gates that did not pass. Absent: none. */
  readonly waivers?: readonly Waiver[];
  readonly state: ReleaseState;
  /** What is missing now, in words: "2 signatures: risk-manager, product-owner". */
  readonly waitingFor: string | null;
  /** Why it ended as it did, in words; null while it is under way or when it was released. */
  readonly endedBecause: string | null;
  readonly signatures: readonly Signature[];
  readonly testDeploymentId: string | null;
  readonly productionDeploymentId: string | null;
  readonly rollout: Rollout | null;
  /** The release in whose bandit this approved version takes part. Null or absent: in none. */
  readonly armOf?: string | null;
  readonly requestedBy: string;
  readonly reason: string;
  /** When it first served all traffic; null: it never did. */
  readonly releasedAtMs: number | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What a release would go through. */
export interface ReleasePlan {
  readonly endpoint: string;
  readonly environment: string;
  readonly model: string;
  readonly version: number;
  readonly modelDigest: string;
  readonly policyDigest: string;
  /** The version with the largest share now; null: none. */
  readonly live: number | null;
  readonly gates: readonly { readonly type: string; readonly parameters: Readonly<Record<string, unknown>> }[];
  readonly signatures: readonly { readonly role: Role; readonly count: number }[];
  readonly mayNotSign: readonly string[];
  readonly expiresAfterHours: number;
  /** Null: nobody may waive a gate. */
  readonly waivers: ReleasePolicy['waivers'] | null;
  readonly rollout: RolloutSpec;
  /** Observations of either version that an A/B test would wait for. */
  readonly sampleSize: { readonly candidate: number; readonly stable: number } | null;
  /** Releases that would give way. */
  readonly supersedes: readonly string[];
  /** What would keep it from starting or passing, in words. */
  readonly inTheWay: readonly string[];
}

export interface ReleaseService extends EnvironmentService {
  declarePolicy(
    context: ChangeContext,
    endpoint: string,
    policy: PolicyContent,
  ): Promise<{ policy: ReleasePolicy; changed: boolean }>;
  /** As it holds in an environment, by default in production. */
  policy(endpoint: string, environment?: string): Promise<ReleasePolicy>;
  policies(): Promise<ReleasePolicy[]>;
  /** What a request would set going; changes nothing. */
  plan(subject: { endpoint: string; environment?: string; version: number }): Promise<ReleasePlan>;
  /**
   * Deploys to `test` and runs the gates in a durable job; returns at once in state `testing`. What else was asked for gives way,
   * unless the release is asked for `beside` it, so that several versions can be approved for one bandit.
   */
  request(
    context: ChangeContext,
    request: { endpoint: string; environment?: string; version: number; reason: string; beside?: boolean },
  ): Promise<Release>;
  release(id: string): Promise<Release>;
  releases(filter: {
    endpoint?: string;
    environment?: string;
    state?: ReleaseState;
    limit: number;
  }): Promise<Release[]>;
  sign(
    context: ChangeContext,
    id: string,
    signature: { meaning: 'approved' | 'rejected'; role: Role; comment: string },
  ): Promise<Release>;
  /** Lets a release that failed a gate go on, until the waiver ends. */
  waive(
    context: ChangeContext,
    id: string,
    waiver: { gate: string; place?: number; role: Role; reason: string; expiresAtMs: number },
  ): Promise<Release>;
  /**
   * Starts the rollout of an approved release. `arms` take part in a bandit in the place of those that the policy names.
   *
   * @throws REL_ARMS_INVALID, REL_ARM_INCOMPATIBLE, REL_NOT_APPROVED, REG_VERSION_NOT_FOUND for arms that cannot; nothing is changed then
   */
  rollOut(context: ChangeContext, id: string, options?: { arms?: readonly ArmRef[] }): Promise<Release>;
  /** Judges the guardrails and moves the canary on, back or nowhere. Also called by a durable job every few seconds. */
  advance(context: ChangeContext, id: string, options?: { force?: boolean }): Promise<Release>;
  /** Stops a rollout where it is, or lets it go on; its guardrails are watched in either case. Twice is once. */
  pause(context: ChangeContext, id: string, request: { reason: string }): Promise<Release>;
  resume(context: ChangeContext, id: string): Promise<Release>;
  /** One atomic switch back to a formerly released version (default: the one before). Allowed for any approved digest. */
  rollBack(
    context: ChangeContext,
    endpoint: string,
    request: { environment?: string; toVersion?: number; reason: string },
  ): Promise<Release>;
  /**
   * Serves the endpoint no longer in an environment: its routing table names nobody, its deployments there are retired, and what was
   * released there is withdrawn: only a new release brings it back.
   *
   * @throws REL_ENVIRONMENT_IN_USE for production; REL_ACTIVE while a release of it is under way there, or is tested in `test`
   */
  withdraw(context: ChangeContext, endpoint: string, request: { environment: string; reason: string }): Promise<void>;
  waitFor(
    id: string,
    states: readonly ReleaseState[],
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<Release>;
  /**
   * True when an unexpired approval binds this digest, served in this way, to the endpoint's environment, or when that needs
   * none.
   *
   * @throws REL_ENVIRONMENT_NOT_FOUND
   */
  mayServe(subject: {
    endpoint: string;
    environment: string;
    digest: string;
    configurationDigest?: string;
  }): Promise<boolean>;
  /** Takes up what a former process left: rollouts that nobody watches, gates that ended nowhere. Called once at start. */
  restore(): Promise<void>;
}
