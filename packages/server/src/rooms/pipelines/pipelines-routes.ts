import { DeclarePipelineSchema, PipelineSchema, type PipelineView, StepKindSchema } from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import { addPipelineRunRoutes } from './pipeline-run-routes.js';
import { pipelinesErrors } from './pipelines-errors.js';
import type { PipelineSpec, PipelinesService } from './pipelines-types.js';

const tags = ['pipelines'];
const NameParams = Type.Object({ name: Type.String() });

export interface PipelinesRoutesDeps {
  readonly pipelines: PipelinesService;
  /**
   * Resolves a folder a caller asks for, or throws: commands run there, so only allowed folders may be named. Absent:
   * callers may change pipelines but not say where their code lies.
   */
  readonly resolveFolder?: (folder: string) => Promise<string>;
}

/** The native pipelines API. */
export function pipelinesRoutes(deps: PipelinesRoutesDeps): (app: App) => Promise<void> {
  return async (app) => {
    addReads(app, deps.pipelines);
    addDeclare(app, deps);
    addPipelineRunRoutes(app, deps.pipelines);
  };
}

function addReads(app: App, pipelines: PipelinesService): void {
  app.get(
    '/api/v1/pipelines',
    {
      schema: {
        operationId: 'listPipelines',
        summary: 'List the pipelines by name',
        tags,
        response: { 200: Type.Object({ items: Type.Array(PipelineSchema), nextPageToken: Type.Null() }) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'pipeline:read');
      return { items: (await pipelines.list()).map((one) => present<PipelineView>(one)), nextPageToken: null };
    },
  );
  app.get(
    '/api/v1/pipelines/:name',
    {
      schema: {
        operationId: 'getPipeline',
        summary: 'Get a pipeline',
        tags,
        params: NameParams,
        response: { 200: PipelineSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'pipeline:read');
      return present<PipelineView>(await pipelines.get(request.params.name));
    },
  );
  app.get(
    '/api/v1/pipeline-steps',
    {
      schema: {
        operationId: 'listBuiltInSteps',
        summary: 'List the built-in steps that `uses` may name',
        tags,
        response: { 200: Type.Object({ items: Type.Array(StepKindSchema), nextPageToken: Type.Null() }) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'pipeline:read');
      const items = pipelines
        .handlers()
        .map(({ uses, title, version, cacheable }) => ({ uses, title, version, cacheable }));
      return { items, nextPageToken: null };
    },
  );
}

function addDeclare(app: App, { pipelines, resolveFolder }: PipelinesRoutesDeps): void {
  app.put(
    '/api/v1/pipelines/:name',
    {
      schema: {
        operationId: 'putPipeline',
        summary: 'Declare or change a pipeline',
        tags,
        params: NameParams,
        body: DeclarePipelineSchema,
        response: { 200: PipelineSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'pipeline:write');
      const { name } = request.params;
      const { spec, projectFolder } = request.body;
      const folder =
        projectFolder === undefined ? (await pipelines.get(name)).projectFolder : await allowed(projectFolder);
      const declared = { spec: spec as PipelineSpec, projectFolder: folder };
      return present<PipelineView>((await pipelines.declare(requestContext(request), name, declared)).pipeline);
    },
  );

  async function allowed(folder: string): Promise<string> {
    if (resolveFolder !== undefined) return resolveFolder(folder);
    throw pipelinesErrors.PIP_FOLDER_FORBIDDEN('This server takes the folder of a pipeline from project files only.');
  }
}
