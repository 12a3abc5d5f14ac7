import { defineEvent } from '@fairlead/kernel';
import type { ReleaseState } from './release-types.js';

export interface ReleasePayload {
  readonly releaseId: string;
  readonly endpoint: string;
  readonly environment: string;
  readonly model: string;
  readonly version: number;
  readonly modelDigest: string;
  readonly state: ReleaseState;
}

export const policyDeclared = defineEvent<{ endpoint: string; digest: string }>(
  'release.policy-declared',
  'The way of models into an endpoint’s production was declared or changed; signatures under the former policy are void',
);
export const environmentDeclared = defineEvent<{ environment: string; approval: string }>(
  'release.environment-declared',
  'An environment was declared or changed: whether models need an approval there, and under which policy',
);
export const environmentRemoved = defineEvent<{ environment: string }>(
  'release.environment-removed',
  'An environment in which nothing served any more was removed',
);
export const releaseRequested = defineEvent<ReleasePayload & { reason: string }>(
  'release.requested',
  'Somebody asked to bring a model version to production; its gates run in the test environment',
);
export const gatesDecided = defineEvent<ReleasePayload & { gateReportDigest: string; failed: string[] }>(
  'release.gates-decided',
  'All gates of a release were decided',
);
export const releaseSigned = defineEvent<
  ReleasePayload & { person: string; role: string; meaning: 'approved' | 'rejected'; over: string }
>('release.signed', 'A named person signed for or against a release');
export const signatureRefused = defineEvent<ReleasePayload & { person: string; role: string; code: string }>(
  'release.signature-refused',
  'Somebody tried to sign a release and was refused',
);
export const gateWaived = defineEvent<
  ReleasePayload & { gate: string; person: string; role: string; reason: string; expiresAtMs: number; over: string }
>('release.gate-waived', 'A named person let a release go on although a gate did not pass');
export const waiverRefused = defineEvent<ReleasePayload & { person: string; role: string; gate: string; code: string }>(
  'release.waiver-refused',
  'Somebody tried to waive a gate and was refused',
);
export const rolloutMoved = defineEvent<ReleasePayload & { weight: number; reason: string }>(
  'release.rollout-moved',
  'The share of traffic of a release changed',
);
export const rolloutPaused = defineEvent<ReleasePayload & { reason: string }>(
  'release.rollout-paused',
  'Somebody stopped a rollout where it is; its guardrails are watched all the same',
);
export const rolloutResumed = defineEvent<ReleasePayload & { pausedMs: number }>(
  'release.rollout-resumed',
  'A rollout that was paused goes on',
);
export const released = defineEvent<ReleasePayload>(
  'release.released',
  'A model version serves all production traffic',
);
export const rolledBack = defineEvent<ReleasePayload & { reason: string; toVersion: number }>(
  'release.rolled-back',
  'Production went back to an earlier version',
);
export const releaseWithdrawn = defineEvent<ReleasePayload & { reason: string }>(
  'release.withdrawn',
  'An endpoint was taken out of an environment; its release serves there no longer and is nothing to go back to',
);
export const releaseClosed = defineEvent<ReleasePayload & { reason: string }>(
  'release.closed',
  'A release ended without reaching production: gates failed, rejected, expired, superseded or broken',
);
