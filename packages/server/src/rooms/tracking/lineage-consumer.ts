import type { EventConsumer } from '../../platform/db/index.js';
import { splitCreated, versionCreated } from '../data/index.js';
import type { LineageEdge, TrackingService } from './tracking-types.js';

/** Turns what the data room publishes into edges: source → dataset version → split, and version → the version it extends. */
export function createLineageConsumer(tracking: Pick<TrackingService, 'link'>): EventConsumer {
  return {
    name: 'tracking-lineage',
    types: [versionCreated.type, splitCreated.type],
    handle: async (event, tx) => {
      if (versionCreated.is(event)) await tracking.link(tx, versionEdges(event.payload));
      if (splitCreated.is(event)) {
        const { versionId, splitId } = event.payload;
        await tracking.link(tx, [
          {
            from: { kind: 'dataset-version', id: versionId },
            to: { kind: 'split', id: splitId },
            relation: 'split-of',
          },
        ]);
      }
    },
  };
}

function versionEdges(version: { versionId: string; sourceDigest: string; parentId: string | null }): LineageEdge[] {
  const to = { kind: 'dataset-version', id: version.versionId };
  const ingested: LineageEdge = { from: { kind: 'source', id: version.sourceDigest }, to, relation: 'ingested-from' };
  if (version.parentId === null) return [ingested];
  return [ingested, { from: { kind: 'dataset-version', id: version.parentId }, to, relation: 'extends' }];
}
