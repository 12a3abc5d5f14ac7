import type { App } from '../../platform/http/index.js';
import { addArtifactRoutes } from './artifact-routes.js';
import { addExperimentRoutes } from './experiment-routes.js';
import { addFileRoutes } from './files/file-routes.js';
import { addUploadRoutes } from './files/upload-routes.js';
import { addImportRoutes } from './imports/import-routes.js';
import { addMetricStreamRoutes } from './metric-stream-routes.js';
import { addLoggedModelRoutes } from './models/logged-model-routes.js';
import { addRunAnalysisRoutes } from './run-analysis-routes.js';
import { addRunChangeRoutes } from './run-change-routes.js';
import { addRunRoutes } from './run-routes.js';
import type { TrackingService } from './tracking-types.js';

export interface TrackingRoutesDeps {
  readonly tracking: TrackingService;
}

/** The native tracking API: experiments, runs and files. */
export function trackingRoutes({ tracking }: TrackingRoutesDeps): (app: App) => Promise<void> {
  return async (app) => {
    addExperimentRoutes(app, tracking);
    addRunRoutes(app, tracking);
    addRunChangeRoutes(app, tracking);
    addRunAnalysisRoutes(app, tracking);
    addMetricStreamRoutes(app, tracking);
    addArtifactRoutes(app, tracking);
    addFileRoutes(app, tracking.files);
    addUploadRoutes(app, tracking.files);
    addLoggedModelRoutes(app, tracking);
    addImportRoutes(app, tracking.imports);
  };
}
