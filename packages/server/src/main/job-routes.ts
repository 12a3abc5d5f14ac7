import { JobSchema, type JobStateView } from '@fairlead/contracts';
import { Type } from 'typebox';
import type { Db } from '../platform/db/index.js';
import { type App, actorOf, present, requestContext } from '../platform/http/index.js';
import { requireCan } from '../platform/identity/index.js';
import { type JobQueue, jobErrors } from '../platform/jobs/index.js';

const tags = ['operations'];
const IdParams = Type.Object({ id: Type.String({ maxLength: 100 }) });

/** Long work by id: how far it is, what came out, and how to stop it. */
export function jobRoutes({ jobs, db }: { jobs: JobQueue; db: Db }): (app: App) => Promise<void> {
  const find = async (id: string) => {
    const job = await jobs.get(id);
    if (job === undefined) throw jobErrors.JOB_NOT_FOUND(`There is no job '${id}'.`, { data: { id } });
    return job;
  };
  return async (app) => {
    app.get(
      '/api/v1/jobs/:id',
      {
        schema: {
          operationId: 'getJob',
          summary: 'How far long work is and what came out',
          tags,
          params: IdParams,
          querystring: Type.Object(
            { waitMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000 })) },
            { additionalProperties: false },
          ),
          response: { 200: JobSchema },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'job:read');
        await find(request.params.id);
        const timeoutMs = request.query.waitMs ?? 0;
        return present<JobStateView>((await jobs.waitFor(request.params.id, { timeoutMs })) as never);
      },
    );
    app.post(
      '/api/v1/jobs/:id/cancel',
      {
        schema: {
          operationId: 'cancelJob',
          summary: 'Stop long work',
          tags,
          params: IdParams,
          response: { 200: JobSchema },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'job:write');
        const { id } = await find(request.params.id);
        await db.transact(requestContext(request), (tx) => jobs.cancel(tx, id));
        return present<JobStateView>((await find(id)) as never);
      },
    );
  };
}
