import {
  PipelineRunAnswerSchema,
  PipelineRunSchema,
  PipelineRunStateSchema,
  type PipelineRunView,
  StartPipelineRunSchema,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import {
  type App,
  actorOf,
  decodePageToken,
  encodePageToken,
  present,
  requestContext,
} from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { Json, PipelineRun, PipelinesService } from './pipelines-types.js';

const tags = ['pipelines'];
const RunParams = Type.Object({ runId: Type.String() });
const PageKey = Type.Tuple([Type.Integer(), Type.String()]);
const Wait = Type.Object({
  waitMs: Type.Integer({
    minimum: 0,
    maximum: 60_000,
    default: 0,
    description: 'Wait so long for the end of the run.',
  }),
});
const view = (run: PipelineRun) => present<PipelineRunView>(run);

/** Starting, watching, cancelling and resuming runs. */
export function addPipelineRunRoutes(app: App, pipelines: PipelinesService): void {
  addReads(app, pipelines);
  app.post(
    '/api/v1/pipelines/:name/runs',
    {
      schema: {
        operationId: 'startPipelineRun',
        summary: 'Run a pipeline',
        tags,
        params: Type.Object({ name: Type.String() }),
        querystring: Wait,
        body: StartPipelineRunSchema,
        response: { 202: PipelineRunAnswerSchema },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      requireCan(actor, 'pipeline:run');
      const { params = {}, cache = 'auto' } = request.body;
      const started = await pipelines.start(requestContext(request), {
        pipeline: request.params.name,
        params: params as Readonly<Record<string, Json>>,
        cache,
        trigger: { kind: actor.kind === 'user' ? 'manual' : 'api', ref: null },
      });
      const run = await pipelines.waitFor(started.id, { timeoutMs: request.query.waitMs });
      return reply.code(202).send({ runId: run.id, run: view(run) });
    },
  );
  for (const [verb, summary] of [
    ['cancel', 'Cancel a run: what runs is stopped, what waits never starts'],
    ['resume', 'Run the steps of a failed or cancelled run that did not succeed'],
  ] as const) {
    app.post(
      `/api/v1/pipeline-runs/:runId/${verb}`,
      {
        schema: {
          operationId: `${verb}PipelineRun`,
          summary,
          tags,
          params: RunParams,
          querystring: Wait,
          response: { 202: PipelineRunAnswerSchema },
        },
      },
      async (request, reply) => {
        requireCan(actorOf(request), 'pipeline:run');
        const { id } = await pipelines[verb](requestContext(request), request.params.runId);
        const run = await pipelines.waitFor(id, { timeoutMs: request.query.waitMs });
        return reply.code(202).send({ runId: run.id, run: view(run) });
      },
    );
  }
}

function addReads(app: App, pipelines: PipelinesService): void {
  app.get(
    '/api/v1/pipeline-runs',
    {
      schema: {
        operationId: 'listPipelineRuns',
        summary: 'List runs, newest first',
        tags,
        querystring: Type.Object({
          pipeline: Type.Optional(Type.String()),
          state: Type.Optional(PipelineRunStateSchema),
          limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
          pageToken: Type.Optional(Type.String()),
        }),
        response: {
          200: Type.Object({
            items: Type.Array(PipelineRunSchema),
            nextPageToken: Type.Union([Type.String(), Type.Null()]),
          }),
        },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'pipeline:read');
      const { limit, pageToken, ...filter } = request.query;
      const key = decodePageToken(pageToken, PageKey);
      const after = key === undefined ? {} : { after: { createdAtMs: key[0], id: key[1] } };
      const runs = await pipelines.runs({ ...filter, ...after, limit: limit + 1 });
      const last = runs[limit - 1];
      const more = runs.length > limit && last !== undefined;
      return {
        items: runs.slice(0, limit).map(view),
        nextPageToken: more ? encodePageToken([last.createdAtMs, last.id]) : null,
      };
    },
  );
  app.get(
    '/api/v1/pipeline-runs/:runId',
    {
      schema: {
        operationId: 'getPipelineRun',
        summary: 'Get a run with its steps',
        tags,
        params: RunParams,
        querystring: Wait,
        response: { 200: PipelineRunSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'pipeline:read');
      return view(await pipelines.waitFor(request.params.runId, { timeoutMs: request.query.waitMs }));
    },
  );
}
