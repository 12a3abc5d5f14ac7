import type { EdgesAt, LineageEdge, LineageGraph, LineageLimit, LineageNode, LineageOptions } from './lineage-types.js';

interface Walk {
  readonly nodes: Map<string, LineageNode & { readonly distance: number }>;
  readonly edges: Map<string, LineageEdge>;
  readonly maxNodes: number;
  readonly cutOff: Set<LineageLimit>;
}

interface Side {
  readonly side: 'up' | 'down';
  readonly seen: Set<string>;
  front: readonly LineageNode[];
}

const EDGES_PER_NODE = 4;
const LEAST_EDGES = 1_000;

const nodeKey = ({ kind, id }: LineageNode): string => `${kind}\n${id}`;
const edgeKey = ({ from, to, relation }: LineageEdge) => `${nodeKey(from)}\n${nodeKey(to)}\n${relation}`;

/**
 * Breadth first from `root` towards its sources (`up`), its consumers (`down`), or both: all ancestors and all
 * descendants, but not the other children of an ancestor. Each node is visited once per direction, so cycles end. What a
 * limit leaves out is said by `cutOff`: the level beyond `maxDepth` is read too, only to know whether there is more.
 */
export async function walkLineage(
  root: LineageNode,
  edgesAt: EdgesAt,
  { direction, maxNodes, maxDepth = Number.POSITIVE_INFINITY }: LineageOptions,
): Promise<LineageGraph> {
  const start = { kind: root.kind, id: root.id };
  const walk: Walk = {
    nodes: new Map([[nodeKey(root), { ...start, distance: 0 }]]),
    edges: new Map(),
    maxNodes,
    cutOff: new Set(),
  };
  const sides = direction === 'both' ? (['up', 'down'] as const) : [direction];
  const states: Side[] = sides.map((side) => ({ side, seen: new Set([nodeKey(root)]), front: [start] }));
  const limit = Math.max(LEAST_EDGES, maxNodes * EDGES_PER_NODE);
  // Level by level on both sides in turn, so that a wide side cannot use up the room of the other.
  for (let distance = 1; states.some(({ front }) => front.length > 0); distance += 1) {
    for (const state of states) {
      if (state.front.length === 0) continue;
      const edges = await edgesAt(state.front, state.side, limit);
      if (edges.length >= limit) walk.cutOff.add('max-nodes');
      state.front = distance > maxDepth ? lookBeyond(walk, state, edges) : step(walk, state, { edges, distance });
    }
  }
  const cutOff = [...walk.cutOff];
  return {
    root: start,
    nodes: [...walk.nodes.values()],
    edges: [...walk.edges.values()],
    truncated: cutOff.length > 0,
    cutOff,
  };
}

function step(
  walk: Walk,
  { side, seen }: Side,
  { edges, distance }: { edges: readonly LineageEdge[]; distance: number },
): LineageNode[] {
  const next: LineageNode[] = [];
  for (const edge of edges) {
    const node = side === 'up' ? edge.from : edge.to;
    const key = nodeKey(node);
    if (!walk.nodes.has(key)) {
      if (walk.nodes.size >= walk.maxNodes) {
        walk.cutOff.add('max-nodes');
        continue;
      }
      walk.nodes.set(key, { ...node, distance });
    }
    walk.edges.set(edgeKey(edge), edge);
    if (seen.has(key)) continue;
    seen.add(key);
    next.push(node);
  }
  return next;
}

/** Edges among nodes that are there already still belong to the graph; anything further is what the depth cut off. */
function lookBeyond(walk: Walk, { side }: Side, edges: readonly LineageEdge[]): readonly LineageNode[] {
  for (const edge of edges) {
    if (walk.nodes.has(nodeKey(side === 'up' ? edge.from : edge.to))) walk.edges.set(edgeKey(edge), edge);
    else walk.cutOff.add('max-depth');
  }
  return [];
}
