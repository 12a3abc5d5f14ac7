import {
  ImportedExperimentSchema,
  ImportedLinksSchema,
  ImportedLoggedModelSchema,
  ImportedPlaceSchema,
  type ImportedPlaceView,
  ImportedPointsSchema,
  ImportedRunsSchema,
  ImportVerdictSchema,
  type ImportVerdictView,
  RunArtifactSchema,
  type RunArtifactView,
  RunInventorySchema,
  type RunInventoryView,
  SettleImportSchema,
  TakeInventorySchema,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import type { ImportService } from './import-types.js';

const tags = ['imports'];
const items = <T extends Parameters<typeof Type.Array>[0]>(schema: T) => Type.Object({ items: Type.Array(schema) });

/** Taking over what another tracking server recorded. Only admins may: it sets times and ids that nobody else can. */
export function addImportRoutes(app: App, imports: ImportService): void {
  addRecords(app, imports);
  addModels(app, imports);
  app.post(
    '/api/v1/imports/inventories',
    {
      schema: {
        operationId: 'takeImportInventory',
        summary: 'List the points and files that are here of some runs',
        tags,
        body: TakeInventorySchema,
        response: { 200: items(RunInventorySchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'import:write');
      const { runIds, digests } = request.body;
      return { items: (await imports.inventory(runIds, { digests })).map((one) => present<RunInventoryView>(one)) };
    },
  );
  app.post(
    '/api/v1/imports/experiments/:experimentId/settle',
    {
      schema: {
        operationId: 'settleImport',
        summary: 'Delete what was deleted where it came from, once its files are here',
        tags,
        params: Type.Object({ experimentId: Type.String() }),
        body: SettleImportSchema,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'import:write');
      await imports.settle(requestContext(request), request.params.experimentId, request.body);
      return reply.code(204).send(null);
    },
  );
}

function addRecords(app: App, imports: ImportService): void {
  app.post(
    '/api/v1/imports/experiments',
    {
      schema: {
        operationId: 'importExperiment',
        summary: 'Take over an experiment, or find the one it stands for',
        tags,
        body: ImportedExperimentSchema,
        response: { 200: ImportedPlaceSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'import:write');
      const { check = false, ...record } = request.body;
      return present<ImportedPlaceView>(await imports.importExperiment(requestContext(request), record, { check }));
    },
  );
  app.post(
    '/api/v1/imports/runs',
    {
      schema: {
        operationId: 'importRuns',
        summary: 'Take over runs with their ids, times, params and tags',
        tags,
        body: ImportedRunsSchema,
        response: { 200: items(ImportVerdictSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'import:write');
      const { check = false, runs } = request.body;
      const verdicts = await imports.importRuns(requestContext(request), runs, { check });
      return { items: verdicts.map((one) => present<ImportVerdictView>(one)) };
    },
  );
  app.post(
    '/api/v1/imports/points',
    {
      schema: {
        operationId: 'importPoints',
        summary: 'Add many points of many metrics of runs that were taken over',
        tags,
        body: ImportedPointsSchema,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'import:write');
      const series = request.body.series.map((one) => ({ ...one, values: one.values.map(Number) }));
      await imports.importPoints(requestContext(request), series);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/api/v1/imports/runs/:runId/links',
    {
      schema: {
        operationId: 'importRunLinks',
        summary: 'Take over what a run read and made',
        tags,
        params: Type.Object({ runId: Type.String() }),
        body: ImportedLinksSchema,
        response: { 200: ImportVerdictSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'import:write');
      const { check = false, ...links } = request.body;
      const record = { ...links, runId: request.params.runId };
      return present<ImportVerdictView>(await imports.importLinks(requestContext(request), record, { check }));
    },
  );
}

function addModels(app: App, imports: ImportService): void {
  const params = Type.Object({ modelId: Type.String() });
  app.put(
    '/api/v1/imports/logged-models/:modelId',
    {
      schema: {
        operationId: 'importLoggedModel',
        summary: 'Take over a logged model with its id',
        tags,
        params,
        body: ImportedLoggedModelSchema,
        response: { 200: ImportedPlaceSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'import:write');
      const { check = false, ...model } = request.body;
      const metrics = model.metrics.map((metric) => ({ ...metric, value: Number(metric.value) }));
      const record = { ...model, metrics, id: request.params.modelId, lifecycle: 'active' } as const;
      return present<ImportedPlaceView>(await imports.importLoggedModel(requestContext(request), record, { check }));
    },
  );
  app.get(
    '/api/v1/imports/logged-models/:modelId/files',
    {
      schema: {
        operationId: 'listImportedModelFiles',
        summary: 'List the files that are here of a logged model',
        tags,
        params,
        response: { 200: items(RunArtifactSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'import:write');
      const found = await imports.modelFiles(request.params.modelId);
      return { items: found.map((one) => present<RunArtifactView>(one)) };
    },
  );
}
