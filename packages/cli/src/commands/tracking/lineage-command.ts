import type { Command } from 'commander';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseWhole } from '../../parse-values.js';
import { lineageTree } from './lineage-tree.js';

interface Options {
  readonly direction?: string;
  readonly depth?: string;
  readonly kinds?: string;
  readonly maxNodes?: string;
}

export function lineageCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'lineage',
    summary: 'Show what something was made from and what was made from it',
    arguments: {
      '<kind>': 'for example model-version, run, dataset-version, artifact, deployment, prediction, code',
      '<id>': 'for example rain/3',
    },
    options: {
      '--direction <direction>': 'up to its sources, down to what came of it, or both (default)',
      '--depth <n>': 'so many steps away at most (default: to the ends)',
      '--kinds <list>': 'show only these kinds, separated by commas; others are walked through',
      '--max-nodes <n>': 'stop after so many (default 500)',
    },
    examples: [
      'fairlead lineage model-version rain/3 --direction up',
      'fairlead lineage dataset-version 5f1c… --direction down --kinds model-version,deployment',
    ],
    run: async (session, { direction, depth, kinds, maxNodes }, kind = '', id = '') => {
      const graph = await session.client.lineage.walk(kind, id, {
        ...(direction !== undefined && { direction: parseChoice(direction, '--direction', ['up', 'down', 'both']) }),
        ...(depth !== undefined && { maxDepth: parseWhole(depth, '--depth') }),
        ...(kinds !== undefined && { kinds: kinds.split(',').map((text) => text.trim()) }),
        ...(maxNodes !== undefined && { maxNodes: parseWhole(maxNodes, '--max-nodes') }),
      });
      session.show(graph, () => lineageTree(graph, session.style));
    },
  });
}
