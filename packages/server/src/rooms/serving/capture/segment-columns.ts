import type { CapturedRow } from '../serving-types.js';

// How the rows of the prediction log stand in Parquet: columns by the members of a row.

/** Place of the row in its segment: orders rows of the same millisecond. */
export const LINE = 'line';
/** JSON of the inputs that no typed column holds as they were sent; absent in objects of former versions. */
export const REST = 'other_inputs';
/** In objects of former versions: JSON of all inputs. */
export const FORMER_INPUTS = 'inputs';
/** Before the name of an input. */
export const INPUT = 'input_';

/** Facts that few rows differ in. */
export const SHARED = {
  endpoint: 'endpoint',
  environment: 'environment',
  deploymentId: 'deployment_id',
  model: 'model',
  version: 'version',
  shadow: 'shadow',
  routeReason: 'route_reason',
  consumer: 'consumer',
  propensity: 'propensity',
  status: 'status',
  errorCode: 'error_code',
} as const;

export const OF_REQUEST = {
  atMs: 'at_ms',
  latencyMs: 'latency_ms',
  queueMs: 'queue_ms',
  computeMs: 'compute_ms',
} as const;

export const OF_ROW = { id: 'id', requestId: 'request_id', label: 'label', probability: 'probability' } as const;

export type SharedFacts = Pick<CapturedRow, keyof typeof SHARED>;
