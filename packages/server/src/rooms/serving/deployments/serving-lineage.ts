import type { LineageEdge } from '../../tracking/index.js';
import { modelNameOf } from '../serving-rules.js';
import type { Deployment, Environment } from '../serving-types.js';

/** The edge that leads from what was registered to what answers. */
export function deployedAs({ id, model, version }: Deployment): LineageEdge {
  return {
    from: { kind: 'model-version', id: `${model}/${version}` },
    to: { kind: 'deployment', id },
    relation: 'deployed-as',
  };
}

/** The edge that leads from what answers to the log of its answers, which bears the endpoint's name: `rain`, `rain@test`. */
export function recordedIn(
  deploymentId: string,
  { endpoint, environment }: { endpoint: string; environment: Environment },
): LineageEdge {
  return {
    from: { kind: 'deployment', id: deploymentId },
    to: { kind: 'prediction-log', id: modelNameOf(endpoint, environment) },
    relation: 'recorded-in',
  };
}
