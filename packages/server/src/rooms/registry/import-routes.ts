import { ImportedModelSchema, ModelImportVerdictSchema, type ModelImportVerdictView } from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { ModelImports } from './catalogue/import-types.js';

/** Taking over what another registry recorded. Only admins may: it sets version numbers, stages and times. */
export function modelImportRoutes({ imports }: { imports: ModelImports }): (app: App) => Promise<void> {
  return async (app) => {
    app.put(
      '/api/v1/imports/models/:model',
      {
        schema: {
          operationId: 'importModel',
          summary: 'Take over a model with the numbers, stages and aliases of its versions',
          tags: ['imports'],
          params: Type.Object({ model: Type.String() }),
          body: ImportedModelSchema,
          response: { 200: ModelImportVerdictSchema },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'import:write');
        const { check = false, ...record } = request.body;
        const model = { ...record, name: request.params.model };
        return present<ModelImportVerdictView>(await imports.importModel(requestContext(request), model, { check }));
      },
    );
  };
}
