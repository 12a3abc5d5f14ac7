import type { LineageEdge, LineageGraph, LineageNode } from './tracking-types.js';

export type EdgesAt = (nodes: readonly LineageNode[], side: 'up' | 'down') => Promise<LineageEdge[]>;

interface Walk {
  readonly nodes: Map<string, LineageNode>;
  readonly edges: Map<string, LineageEdge>;
  readonly maxNodes: number;
  truncated: boolean;
}

const nodeKey = ({ kind, id }: LineageNode) => `${kind}\n${id}`;
const edgeKey = ({ from, to, relation }: LineageEdge) => `${nodeKey(from)}\n${nodeKey(to)}\n${relation}`;

/**
 * Breadth first from `root` towards its sources (`up`), its consumers (`down`), or both: all ancestors and all
 * descendants, but not the other children of an ancestor. Each node is visited once per direction, so cycles end; beyond
 * `maxNodes` nodes the graph says `truncated`.
 */
export async function walkLineage(
  root: LineageNode,
  edgesAt: EdgesAt,
  { direction, maxNodes }: { direction: 'up' | 'down' | 'both'; maxNodes: number },
): Promise<LineageGraph> {
  const walk: Walk = { nodes: new Map([[nodeKey(root), root]]), edges: new Map(), maxNodes, truncated: false };
  const sides = direction === 'both' ? (['up', 'down'] as const) : [direction];
  const fronts = sides.map((side) => ({ side, seen: new Set([nodeKey(root)]), front: [root] }));
  // Level by level on both sides in turn, so that a wide side cannot use up the room of the other.
  while (fronts.some(({ front }) => front.length > 0)) {
    for (const state of fronts) {
      if (state.front.length > 0) state.front = step(walk, state, await edgesAt(state.front, state.side));
    }
  }
  return { root, nodes: [...walk.nodes.values()], edges: [...walk.edges.values()], truncated: walk.truncated };
}

function step(
  walk: Walk,
  { side, seen }: { side: 'up' | 'down'; seen: Set<string> },
  edges: readonly LineageEdge[],
): LineageNode[] {
  const next: LineageNode[] = [];
  for (const edge of edges) {
    const node = side === 'up' ? edge.from : edge.to;
    const key = nodeKey(node);
    if (!walk.nodes.has(key)) {
      if (walk.nodes.size >= walk.maxNodes) {
        walk.truncated = true;
        continue;
      }
      walk.nodes.set(key, node);
    }
    walk.edges.set(edgeKey(edge), edge);
    if (seen.has(key)) continue;
    seen.add(key);
    next.push(node);
  }
  return next;
}
