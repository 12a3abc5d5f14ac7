import type { RoutingTable } from '../serving/index.js';

/** Whoever has the largest share of an endpoint, `candidate` left out; of equals the newest. Undefined: nobody else is routed. */
export function stableOf(
  routing: RoutingTable | null,
  candidate: string | null = null,
): RoutingTable['entries'][number] | undefined {
  const others = routing?.entries.filter((entry) => entry.deploymentId !== candidate) ?? [];
  return others.reduce<(typeof others)[number] | undefined>(
    (heaviest, entry) => (heaviest === undefined || entry.weight > heaviest.weight ? entry : heaviest),
    undefined,
  );
}
