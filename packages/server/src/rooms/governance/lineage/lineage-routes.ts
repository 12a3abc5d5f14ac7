import { LineageGraphSchema, type LineageGraphView } from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import type { LineageService } from './lineage-types.js';

const KIND = '[a-z][a-z-]{0,49}';
const WalkQuery = Type.Object({
  kind: Type.String({ minLength: 1, description: 'For example run, dataset-version, model-version.' }),
  id: Type.String({ minLength: 1, description: 'For example rain/3 of a model-version.' }),
  direction: Type.Enum(['up', 'down', 'both'], { default: 'both' }),
  maxNodes: Type.Integer({ minimum: 1, maximum: 10_000, default: 500 }),
  maxDepth: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'Steps from the root at most.' })),
  kinds: Type.Optional(
    Type.String({
      pattern: `^${KIND}(,${KIND})*$`,
      description: 'Only these kinds and the root, separated by commas; the others are walked through.',
    }),
  ),
});

/** The lineage graph over HTTP. */
export function lineageRoutes({ lineage }: { lineage: LineageService }): (app: App) => Promise<void> {
  return async (app) => {
    app.get(
      '/api/v1/lineage',
      {
        schema: {
          operationId: 'getLineage',
          summary: 'Walk from a thing towards its sources, its consumers or both',
          tags: ['lineage'],
          querystring: WalkQuery,
          response: { 200: LineageGraphSchema },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'lineage:read');
        const { kind, id, direction, maxNodes, maxDepth, kinds } = request.query;
        const graph = await lineage.walk(
          { kind, id },
          {
            direction,
            maxNodes,
            ...(maxDepth !== undefined && { maxDepth }),
            ...(kinds !== undefined && { kinds: kinds.split(',') }),
          },
        );
        return present<LineageGraphView>(graph);
      },
    );
  };
}
