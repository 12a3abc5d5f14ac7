import { artifactCalls } from './artifact-calls.js';
import type { Call } from './define-call.js';
import { experimentCalls } from './experiment-calls.js';
import { inputCalls } from './input-calls.js';
import { loggedModelCalls } from './logged-model-calls.js';
import { metricCalls } from './metric-calls.js';
import { modelVersionCalls } from './model-version-calls.js';
import { registeredModelCalls } from './registered-model-calls.js';
import { runCalls } from './run-calls.js';
import { webhookCalls } from './webhook-calls.js';

/** Every call of this face: routes, role checks and their tests are made from this list. */
export const mlflowCalls: readonly Call[] = [
  ...experimentCalls,
  ...runCalls,
  ...metricCalls,
  ...artifactCalls,
  ...registeredModelCalls,
  ...modelVersionCalls,
  ...inputCalls,
  ...loggedModelCalls,
  ...webhookCalls,
];
