import type { DescribedNodeView, LineageGraphView } from '@fairlead/contracts';
import { brief, formatTime } from '../../terminal/format.js';
import type { Style } from '../../terminal/style.js';

type Node = LineageGraphView['root'];
type Edge = LineageGraphView['edges'][number];

interface Side {
  readonly title: string;
  /** Edges at a node that lead on to this side, and the node they lead to. */
  readonly onward: (edge: Edge) => readonly [at: Node, next: Node];
}

const SIDES: readonly Side[] = [
  { title: 'made from', onward: ({ from, to }) => [to, from] },
  { title: 'became', onward: ({ from, to }) => [from, to] },
];

const keyOf = ({ kind, id }: Node) => `${kind}\n${id}`;

/**
 * The graph as two trees below its root. Ways meet in a graph: what stands elsewhere in the tree is named in one line with
 * `↑` and not drawn again.
 */
export function lineageTree(graph: LineageGraphView, style: Style): string[] {
  const nodes = new Map(graph.nodes.map((node) => [keyOf(node), node]));
  const { root } = graph;
  const lines = [titleOf(nodes.get(keyOf(root)), root, style)];
  for (const side of SIDES) {
    const branches = branchesOf(graph, side);
    const below = drawBranches({ nodes, branches, seen: new Set([keyOf(root)]), style }, root, '');
    if (below.length > 0) lines.push(style.bold(side.title), ...below);
  }
  if (lines.length === 1) lines.push('nothing is recorded about what it came from or what came of it');
  return [...lines, ...graph.cutOff.map((limit) => cutOffText(limit))];
}

interface Branch {
  readonly next: Node;
  readonly relations: string[];
}

/** By node: where it leads to on this side, each neighbour once with all its relations. */
function branchesOf({ edges }: LineageGraphView, { onward }: Side): Map<string, Map<string, Branch>> {
  const branches = new Map<string, Map<string, Branch>>();
  for (const edge of edges) {
    const [at, next] = onward(edge);
    const found = branches.get(keyOf(at)) ?? new Map<string, Branch>();
    const branch = found.get(keyOf(next)) ?? { next, relations: [] };
    branch.relations.push(edge.relation);
    branches.set(keyOf(at), found.set(keyOf(next), branch));
  }
  return branches;
}

interface Drawing {
  readonly nodes: ReadonlyMap<string, DescribedNodeView>;
  readonly branches: ReadonlyMap<string, ReadonlyMap<string, Branch>>;
  readonly seen: Set<string>;
  readonly style: Style;
}

function drawBranches(drawing: Drawing, at: Node, indent: string): string[] {
  const { nodes, seen, style } = drawing;
  const found = [...(drawing.branches.get(keyOf(at))?.values() ?? [])];
  const met = found.filter(({ next }) => seen.has(keyOf(next)));
  const fresh = found.filter(({ next }) => !seen.has(keyOf(next)));
  for (const { next } of fresh) seen.add(keyOf(next));
  const lines = fresh.flatMap(({ next, relations }, i) => {
    const last = i === fresh.length - 1 && met.length === 0;
    const line = `${indent}${last ? '└─' : '├─'} ${titleOf(nodes.get(keyOf(next)), next, style)}  ${style.dim(relations.join(', '))}`;
    return [line, ...drawBranches(drawing, next, `${indent}${last ? '   ' : '│  '}`)];
  });
  if (met.length === 0) return lines;
  const names = met.map(({ next }) => `${next.kind} ${brief(nodes.get(keyOf(next))?.name ?? next.id, 32)}`);
  return [...lines, `${indent}└─ ${style.dim(`↑ ${names.join(', ')}`)}`];
}

function titleOf(facts: DescribedNodeView | undefined, node: Node, { bold, dim }: Style): string {
  const name = facts?.name ?? node.id;
  const when = facts?.atMs == null ? '' : `  ${dim(formatTime(facts.atMs))}`;
  const gone = facts?.purgedAtMs == null ? ' (unknown here)' : ` (purged ${formatTime(facts.purgedAtMs)})`;
  return `${node.kind} ${bold(name)}${facts?.known === false ? gone : ''}${when}`;
}

function cutOffText(limit: LineageGraphView['cutOff'][number]): string {
  return limit === 'max-depth' ? 'there is more further away: raise --depth' : 'there is more: raise --max-nodes';
}
