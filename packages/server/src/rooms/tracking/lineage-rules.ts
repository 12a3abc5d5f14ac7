import type { LineageEdge, LineageGraph, LineageNode } from './lineage-types.js';

const keyOf = ({ kind, id }: LineageNode) => `${kind}\n${id}`;

/** Relation of an edge that stands for a way through nodes that were left out. */
const DERIVED = 'derived-from';

/**
 * The graph with only the nodes of the given kinds and its root. Two nodes that were joined by a way through others are
 * joined by an edge `derived-from`; edges between nodes that stay are kept as they are.
 */
export function keepKinds(graph: LineageGraph, kinds: readonly string[]): LineageGraph {
  const wanted = new Set(kinds);
  const rootKey = keyOf(graph.root);
  const stays = (node: LineageNode) => wanted.has(node.kind) || keyOf(node) === rootKey;
  const down = new Map<string, LineageEdge[]>();
  for (const edge of graph.edges) down.set(keyOf(edge.from), [...(down.get(keyOf(edge.from)) ?? []), edge]);
  const direct = graph.edges.filter((edge) => stays(edge.from) && stays(edge.to));
  const joined = new Set(direct.map(({ from, to }) => `${keyOf(from)}\n${keyOf(to)}`));
  const derived: LineageEdge[] = [];
  for (const node of graph.nodes.filter(stays)) {
    for (const to of reachable(node, down, stays)) {
      const pair = `${keyOf(node)}\n${keyOf(to)}`;
      if (joined.has(pair)) continue;
      joined.add(pair);
      derived.push({ from: { kind: node.kind, id: node.id }, to, relation: DERIVED });
    }
  }
  return { ...graph, nodes: graph.nodes.filter(stays), edges: [...direct, ...derived] };
}

/** The first nodes that stay on every way down from `start` that leads through nodes that do not. */
function reachable(
  start: LineageNode,
  down: ReadonlyMap<string, readonly LineageEdge[]>,
  stays: (node: LineageNode) => boolean,
): LineageNode[] {
  const found: LineageNode[] = [];
  const seen = new Set<string>();
  const waiting = (down.get(keyOf(start)) ?? []).map(({ to }) => to).filter((node) => !stays(node));
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (seen.has(keyOf(node))) continue;
    seen.add(keyOf(node));
    for (const { to } of down.get(keyOf(node)) ?? []) {
      if (stays(to)) found.push(to);
      else waiting.push(to);
    }
  }
  return found.filter((node) => keyOf(node) !== keyOf(start));
}

const RUN_FILES = /(?:^|\/)([0-9a-f]{32})\/artifacts(?:\/|$)/;
const MODEL_FILES = /(?:^|\/)(m-[0-9a-f]{32})\/artifacts(?:\/|$)/;

/** What wrote a file of the tree, by its path; undefined for a path that is neither of a run nor of a logged model. */
export function writerOf(path: string): LineageNode | undefined {
  const model = MODEL_FILES.exec(path)?.[1];
  if (model !== undefined) return { kind: 'logged-model', id: model };
  const run = RUN_FILES.exec(path)?.[1];
  return run === undefined ? undefined : { kind: 'run', id: run };
}
