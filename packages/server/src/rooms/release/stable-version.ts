import type { RoutingTable } from '../serving/index.js';
import type { Release } from './release-types.js';

type Entry = RoutingTable['entries'][number];

/** Whoever has the largest share of an endpoint, what `release` brings left out; of equals the newest. Undefined: nobody else is routed. */
export function stableOf(
  routing: RoutingTable | null,
  release?: Pick<Release, 'productionDeploymentId' | 'rollout'>,
): Entry | undefined {
  const brought = new Set(release?.rollout?.others?.map(({ deploymentId }) => deploymentId));
  brought.add(release?.productionDeploymentId ?? '');
  const others = routing?.entries.filter((entry) => !brought.has(entry.deploymentId)) ?? [];
  return others.reduce<Entry | undefined>(
    (heaviest, entry) => (heaviest === undefined || entry.weight > heaviest.weight ? entry : heaviest),
    undefined,
  );
}
