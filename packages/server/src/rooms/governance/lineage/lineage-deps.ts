import type { DataService } from '../../data/index.js';
import type { EvaluationService } from '../../evaluation/index.js';
import type { ModelCatalogue } from '../../registry/index.js';
import type { ReleaseService } from '../../release/index.js';
import type { ServingService } from '../../serving/index.js';
import type { TrackingService } from '../../tracking/index.js';
import type { OpenLineageService } from '../openlineage/openlineage-service.js';

/** The doors that say what a node of the graph is; lineage only reads. */
export interface LineageDeps {
  readonly data: Pick<DataService, 'versionById' | 'splitById' | 'deliveries'>;
  readonly tracking: Pick<TrackingService, 'run' | 'lineage' | 'loggedModels' | 'purged'>;
  readonly evaluation: Pick<EvaluationService, 'report'>;
  readonly catalogue: Pick<ModelCatalogue, 'versionRecord'>;
  readonly serving: Pick<ServingService, 'deployment' | 'captured'>;
  readonly release: Pick<ReleaseService, 'release'>;
  readonly openLineage: Pick<OpenLineageService, 'lastOfRuns'>;
}
