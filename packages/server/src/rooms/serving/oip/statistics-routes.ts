import { type App, actorOf } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import type { ServingService } from '../serving-types.js';
import { ModelParams, oipConfig, oipTags } from './oip-words.js';
import { findStatistics, presentStatistics } from './present-statistics.js';

/** GET …/stats: of all models, of one, of one version. */
export function addStatisticsRoutes(app: App, serving: Pick<ServingService, 'inferenceStatistics' | 'live'>): void {
  const describe = (suffix: string) => ({
    operationId: `getOipStatistics${suffix}`,
    summary: 'Requests, runs and times of models since they were loaded',
    tags: oipTags,
  });
  app.get('/v2/models/stats', { config: oipConfig, schema: describe('') }, async (request) => {
    requireCan(actorOf(request), 'deployment:read');
    return presentStatistics(await serving.inferenceStatistics());
  });
  for (const [path, suffix] of [
    ['/v2/models/:model/stats', 'Model'],
    ['/v2/models/:model/versions/:version/stats', 'Version'],
  ] as const) {
    app.get(path, { config: oipConfig, schema: { ...describe(suffix), params: ModelParams } }, async (request) => {
      requireCan(actorOf(request), 'deployment:read');
      return presentStatistics(await findStatistics(serving, request.params));
    });
  }
}
