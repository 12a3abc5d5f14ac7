import { isFairleadError } from '@fairlead/kernel';
import type { LineageNode } from '../../tracking/index.js';
import type { LineageDeps } from './lineage-deps.js';
import type { NodeFacts } from './lineage-types.js';

/**
 * A source is known by the digest of its bytes alone; its place and time stand in the delivery that brought it, which the
 * dataset versions in the same graph lead to.
 */
export async function sourceFacts(
  data: LineageDeps['data'],
  nodes: readonly LineageNode[],
): Promise<Map<string, NodeFacts>> {
  const wanted = new Set(nodes.filter(({ kind }) => kind === 'source').map(({ id }) => id));
  const found = new Map<string, NodeFacts>();
  if (wanted.size === 0) return found;
  for (const dataset of await datasetsOf(data, nodes)) {
    for (const delivery of await data.deliveries(dataset)) {
      const { id, source, sourceDigest, receivedAtMs } = delivery;
      if (!wanted.has(sourceDigest)) continue;
      const link = `/api/v1/deliveries/${encodeURIComponent(id)}`;
      found.set(sourceDigest, {
        name: source,
        atMs: receivedAtMs,
        digest: sourceDigest,
        link,
        known: true,
        purgedAtMs: null,
      });
    }
  }
  return found;
}

async function datasetsOf(data: LineageDeps['data'], nodes: readonly LineageNode[]): Promise<Set<string>> {
  const names = new Set<string>();
  for (const { kind, id } of nodes) {
    if (kind !== 'dataset-version') continue;
    const version = await data.versionById(id).catch((error: unknown) => {
      if (isFairleadError(error) && error.status === 404) return null;
      throw error;
    });
    if (version !== null) names.add(version.dataset);
  }
  return names;
}
