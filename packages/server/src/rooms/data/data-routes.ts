import type { App } from '../../platform/http/index.js';
import { addDatasetRoutes } from './dataset-routes.js';
import { addDeliveryRoutes, type DeliveryRoutesDeps } from './delivery-routes.js';
import { addSplitRoutes } from './split-routes.js';
import { addUploadRoutes } from './upload-routes.js';
import { addVersionRoutes } from './version-routes.js';

export type DataRoutesDeps = DeliveryRoutesDeps;

/** The native data API: datasets, deliveries, quarantine, versions, splits and profiles. */
export function dataRoutes(deps: DataRoutesDeps): (app: App) => Promise<void> {
  return async (app) => {
    addDatasetRoutes(app, deps.data);
    addDeliveryRoutes(app, deps);
    addUploadRoutes(app, deps.data);
    addVersionRoutes(app, deps.data);
    addSplitRoutes(app, deps.data);
  };
}
