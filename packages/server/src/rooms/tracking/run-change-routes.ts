import { ChangeRunSchema, RunSchema } from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import { presentRun } from './present-run.js';
import type { TrackingService } from './tracking-types.js';

const tags = ['tracking'];
const params = Type.Object({ runId: Type.String() });
const response = { 200: RunSchema };

/** Changing, deleting and restoring runs. */
export function addRunChangeRoutes(app: App, tracking: TrackingService): void {
  app.patch(
    '/api/v1/runs/:runId',
    {
      schema: {
        operationId: 'changeRun',
        summary: 'Change the name, status, group, note or tags of a run',
        tags,
        params,
        body: ChangeRunSchema,
        response,
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'run:write');
      return presentRun(await tracking.updateRun(requestContext(request), request.params.runId, request.body));
    },
  );
  app.delete(
    '/api/v1/runs/:runId',
    {
      schema: {
        operationId: 'deleteRun',
        summary: 'Delete a run; it can be restored',
        tags,
        params,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'run:write');
      await tracking.deleteRun(requestContext(request), request.params.runId);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/api/v1/runs/:runId/restore',
    { schema: { operationId: 'restoreRun', summary: 'Bring a deleted run back', tags, params, response } },
    async (request) => {
      requireCan(actorOf(request), 'run:write');
      await tracking.restoreRun(requestContext(request), request.params.runId);
      return presentRun(await tracking.run(request.params.runId));
    },
  );
}
