import type { LineageGraphView } from '@fairlead/contracts';
import type { Command } from 'commander';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseWhole } from '../../parse-values.js';
import { shortDigest } from '../../terminal/format.js';

interface Options {
  readonly direction?: string;
  readonly maxNodes?: string;
}

type Node = LineageGraphView['root'];
const keyOf = ({ kind, id }: Node) => `${kind} ${id}`;
const nameOf = ({ kind, id }: Node) => `${kind} ${/^[0-9a-f]{64}$/.test(id) ? shortDigest(id) : id}`;

export function lineageCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'lineage',
    summary: 'Show what something was made from and what was made from it',
    arguments: {
      '<kind>': 'for example model-version, run, dataset-version, split, deployment',
      '<id>': 'for example rain/3',
    },
    options: {
      '--direction <direction>': 'up to its sources, down to what came of it, or both (default)',
      '--max-nodes <n>': 'stop after so many (default 500)',
    },
    examples: ['fairlead lineage model-version rain/3 --direction up'],
    run: async (session, { direction, maxNodes }, kind = '', id = '') => {
      const graph = await session.client.lineage.walk(kind, id, {
        ...(direction !== undefined && { direction: parseChoice(direction, '--direction', ['up', 'down', 'both']) }),
        ...(maxNodes !== undefined && { maxNodes: parseWhole(maxNodes, '--max-nodes') }),
      });
      session.show(graph, () => [
        ...sideOf(graph, 'made from', { from: 'to', to: 'from' }),
        ...sideOf(graph, 'became', { from: 'from', to: 'to' }),
        graph.truncated ? 'there is more: raise --max-nodes' : '',
      ]);
    },
  });
}

/** An edge goes from the source to what came of it; `way` says which end to start at. */
function sideOf(
  { root, edges }: LineageGraphView,
  title: string,
  way: { from: 'from' | 'to'; to: 'from' | 'to' },
): string[] {
  const lines: string[] = [];
  const seen = new Set([keyOf(root)]);
  const visit = (node: Node, depth: number) => {
    for (const edge of edges.filter((candidate) => keyOf(candidate[way.from]) === keyOf(node))) {
      const next = edge[way.to];
      const known = seen.has(keyOf(next));
      lines.push(`${'  '.repeat(depth)}${nameOf(next)}  (${edge.relation})${known ? ' …' : ''}`);
      seen.add(keyOf(next));
      if (!known) visit(next, depth + 1);
    }
  };
  visit(root, 1);
  return lines.length === 0 ? [] : [`${nameOf(root)} ${title}:`, ...lines];
}
