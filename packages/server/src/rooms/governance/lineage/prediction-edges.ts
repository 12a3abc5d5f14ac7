import { isFairleadError } from '@fairlead/kernel';
import type { EdgesAt, LineageEdge, LineageNode } from '../../tracking/index.js';
import type { LineageDeps } from './lineage-deps.js';

export interface PredictionName {
  readonly endpoint: string;
  readonly environment: string;
  readonly id: string;
}

/** `rain/order-7/0` is the prediction `order-7/0` of the endpoint rain, `rain@test/…` one of its test environment. */
export function predictionNamed({ kind, id }: LineageNode): PredictionName | undefined {
  const at = id.indexOf('/');
  if (kind !== 'prediction' || at < 1) return undefined;
  const [endpoint = '', environment = 'production'] = id.slice(0, at).split('@', 2);
  return { endpoint, environment, id: id.slice(at + 1) };
}

/**
 * A prediction came from the deployment that answered it; the prediction log says which. Only upwards: a deployment's
 * predictions are millions, and its prediction log stands for them.
 */
export function predictionEdges(serving: LineageDeps['serving']): EdgesAt {
  return async (nodes, side) => {
    const edges: LineageEdge[] = [];
    for (const to of side === 'up' ? nodes : []) {
      const name = predictionNamed(to);
      if (name === undefined) continue;
      const { endpoint, environment, id } = name;
      const rows = await serving.captured({ endpoint, environment, ids: [id] }).catch(nothingThere);
      for (const deploymentId of new Set(rows.map((row) => row.deploymentId))) {
        edges.push({
          from: { kind: 'deployment', id: deploymentId },
          to: { kind: to.kind, id: to.id },
          relation: 'answered-by',
        });
      }
    }
    return edges;
  };
}

function nothingThere(error: unknown): [] {
  if (isFairleadError(error) && error.status === 404) return [];
  throw error;
}
