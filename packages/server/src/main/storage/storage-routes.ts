import { CollectionReportSchema, CollectStorageSchema } from '@fairlead/contracts';
import { type App, actorOf, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import { createStorageCollector, type StorageDeps } from './collect-storage.js';

const HOUR_MS = 3_600_000;

/** Stored bytes as a whole: what nothing refers to can be removed. */
export function storageRoutes(deps: StorageDeps): (app: App) => Promise<void> {
  const collect = createStorageCollector(deps);
  return async (app) => {
    app.post(
      '/api/v1/storage/collect',
      {
        schema: {
          operationId: 'collectStorage',
          summary: 'Remove stored bytes that nothing refers to, or say what would go',
          tags: ['operations'],
          body: CollectStorageSchema,
          response: { 200: CollectionReportSchema },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'storage:collect');
        const { dryRun = true, graceHours = 168 } = request.body;
        return collect(requestContext(request), { dryRun, graceMs: graceHours * HOUR_MS });
      },
    );
  };
}
