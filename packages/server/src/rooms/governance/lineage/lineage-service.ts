import type { LineageDeps } from './lineage-deps.js';
import type { LineageService, NodeFacts } from './lineage-types.js';
import { nodeFacts } from './node-facts.js';
import { predictionEdges } from './prediction-edges.js';

export function createLineageService(deps: LineageDeps): LineageService {
  return {
    walk: async (node, options) => {
      const graph = await deps.tracking.lineage(node, options, predictionEdges(deps.serving));
      const facts = await nodeFacts(deps, graph.nodes);
      return { ...graph, nodes: graph.nodes.map((found, i) => ({ ...found, ...(facts[i] as NodeFacts) })) };
    },
  };
}
