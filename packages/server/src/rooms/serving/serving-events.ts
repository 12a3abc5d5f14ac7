import { defineEvent } from '@fairlead/kernel';

export interface DeploymentFact {
  readonly deploymentId: string;
  readonly endpoint: string;
  readonly environment: string;
  readonly model: string;
  readonly version: number;
  readonly digest: string;
}

export const endpointDeclared = defineEvent<{ endpoint: string; model: string }>(
  'serving.endpoint-declared',
  'An endpoint was declared or its description changed',
);
export const deploymentReady = defineEvent<DeploymentFact>(
  'serving.deployment-ready',
  'A model version was loaded, warmed up and can receive requests',
);
export const deploymentFailed = defineEvent<DeploymentFact & { error: string }>(
  'serving.deployment-failed',
  'A model version could not be made servable; what was live stayed live',
);
export const deploymentRetired = defineEvent<DeploymentFact>(
  'serving.deployment-retired',
  'A deployment was taken out of memory for good',
);
export const routingChanged = defineEvent<{ endpoint: string; environment: string; revision: number }>(
  'serving.routing-changed',
  'Another share of requests goes to other versions from now on',
);
export const batchScored = defineEvent<{
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  readonly endpoint: string | null;
  readonly input: string;
  readonly output: string;
  /** sha256 of the output. */
  readonly outputDigest: string;
  readonly rows: number;
  readonly errorRows: number;
}>('serving.batch-scored', 'Every row of a file was answered by one model version');
export const streamDeclared = defineEvent<{ stream: string; endpoint: string; environment: string; paused: boolean }>(
  'serving.stream-declared',
  'Messages of a broker are answered by an endpoint from now on, or otherwise than before',
);
export const streamRemoved = defineEvent<{ stream: string; endpoint: string }>(
  'serving.stream-removed',
  'Messages of a broker are not answered any more',
);
