import { Type } from 'typebox';
import { type App, actorOf, requestContext } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import type { ReproductionService } from './reproduce-run.js';

/** Starting the repetition of a run; the job tells what came of it. */
export function reproductionRoutes(deps: { reproduction: ReproductionService }): (app: App) => Promise<void> {
  return async (app) => {
    app.post(
      '/api/v1/runs/:runId/reproduce',
      {
        schema: {
          operationId: 'reproduceRun',
          summary: 'Do a run again from its record and compare what comes out',
          description:
            'Answers with a job. Its result has the verdict: `same-bytes`, `same-predictions`, `same-metrics` or `different`, per step with its first difference.',
          tags: ['training'],
          params: Type.Object({ runId: Type.String({ minLength: 1, maxLength: 100 }) }),
          body: Type.Object(
            {
              tolerance: Type.Optional(
                Type.Number({
                  minimum: 0,
                  maximum: 1,
                  description: 'How far probabilities and metrics may be apart. Default 1e-6.',
                }),
              ),
              environment: Type.Optional(
                Type.Enum(['rebuild', 'offline', 'current'], {
                  description:
                    'Among which packages commands and functions run: those of their lock files, installed anew (default) or without a network, or what is installed now.',
                }),
              ),
            },
            { additionalProperties: false },
          ),
          response: { 202: Type.Object({ jobId: Type.String() }) },
        },
      },
      async (request, reply) => {
        requireCan(actorOf(request), 'pipeline:run');
        const { runId } = request.params;
        const started = await deps.reproduction.start(requestContext(request), { runId, ...request.body });
        return reply.code(202).send(started);
      },
    );
  };
}
