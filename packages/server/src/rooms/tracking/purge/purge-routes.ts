import { PurgeSchema } from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, requestContext } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import type { PurgeService } from './purge-types.js';

/** Removing deleted things for good; the job tells what went. */
export function purgeRoutes({ purge }: { purge: PurgeService }): (app: App) => Promise<void> {
  return async (app) => {
    app.post(
      '/api/v1/tracking/purge',
      {
        schema: {
          operationId: 'purgeTracking',
          summary: 'Remove deleted runs, experiments and logged models for good, or say what would go',
          description:
            'Answers with a job. Its result says what went, or without `dryRun: false` what would go, and what stays and why: what is not deleted never goes, nor a run that a model version comes from. Nothing can be restored afterwards. The bytes of files go with the next collection of stored bytes.',
          tags: ['tracking'],
          body: PurgeSchema,
          response: { 202: Type.Object({ jobId: Type.String() }) },
        },
      },
      async (request, reply) => {
        requireCan(actorOf(request), 'tracking:purge');
        const { dryRun = true, ...selection } = request.body;
        return reply.code(202).send(await purge.start(requestContext(request), { dryRun, ...selection }));
      },
    );
  };
}
