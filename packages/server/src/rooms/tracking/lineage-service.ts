import type { Clock } from '@fairlead/kernel';
import type { Db } from '../../platform/db/index.js';
import { keepKinds, writerOf } from './lineage-rules.js';
import type { EdgesAt, LineageEdge } from './lineage-types.js';
import { runOriginEdges } from './run-origin.sql.js';
import type { LineageStore } from './tracking-store.js';
import type { TrackingService } from './tracking-types.js';
import { walkLineage } from './walk-lineage.js';

export interface LineageDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly store: LineageStore;
}

/** The graph: edges that rooms record, and edges that follow from rows that are kept anyway. */
export function createLineage({
  db,
  clock,
  store,
}: LineageDeps): Pick<TrackingService, 'link' | 'moveNodes' | 'lineage'> {
  const stored: EdgesAt = (nodes, side, limit) => store.edgesAt(db.longReads, nodes, { side, limit });
  const origins = runOriginEdges(db.longReads);
  return {
    link: (tx, edges) => store.insert(tx, edges, clock.nowMs()),
    moveNodes: (tx, moves) => store.move(tx, moves),
    lineage: async (node, options, also) => {
      const sources = [stored, origins, writers, ...(also === undefined ? [] : [also])];
      const graph = await walkLineage(node, joined(sources), options);
      return options.kinds === undefined ? graph : keepKinds(graph, options.kinds);
    },
  };
}

/** A file of the tree came from the run or logged model whose folder it lies in. */
const writers: EdgesAt = async (nodes, side) => {
  if (side === 'down') return [];
  return nodes.flatMap((to): LineageEdge[] => {
    const from = to.kind === 'artifact' ? writerOf(to.id) : undefined;
    return from === undefined ? [] : [{ from, to: { kind: to.kind, id: to.id }, relation: 'written-by' }];
  });
};

function joined(sources: readonly EdgesAt[]): EdgesAt {
  return async (nodes, side, limit) => {
    const found: LineageEdge[] = [];
    for (const edgesAt of sources) {
      if (found.length < limit) found.push(...(await edgesAt(nodes, side, limit - found.length)));
    }
    return found;
  };
}
