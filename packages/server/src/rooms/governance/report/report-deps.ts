import type { ObjectStore } from '../../../platform/objects/index.js';
import type { DataService } from '../../data/index.js';
import type { EvaluationService } from '../../evaluation/index.js';
import type { MonitoringService } from '../../monitoring/index.js';
import type { RegistryService } from '../../registry/index.js';
import type { ReleaseService } from '../../release/index.js';
import type { ServingService } from '../../serving/index.js';
import type { TrackingService } from '../../tracking/index.js';
import type { AuditService } from '../audit-service.js';

/** The doors a report looks through; it only reads. */
export interface ReportDeps {
  readonly objects: Pick<ObjectStore, 'readBytes'>;
  readonly audit: Pick<AuditService, 'auditOf'>;
  readonly data: Pick<DataService, 'get' | 'versionById' | 'splitById' | 'deliveries'>;
  readonly tracking: Pick<TrackingService, 'run' | 'searchRuns' | 'lineage'>;
  readonly evaluation: Pick<EvaluationService, 'report'>;
  readonly registry: Pick<RegistryService, 'model' | 'version' | 'card'>;
  readonly serving: Pick<ServingService, 'deployments' | 'routingHistory'>;
  readonly release: Pick<ReleaseService, 'releases' | 'policy'>;
  readonly monitoring: Pick<MonitoringService, 'list' | 'reports' | 'alerts' | 'performance'>;
}
