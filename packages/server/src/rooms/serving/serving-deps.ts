import type { Clock } from '@fairlead/kernel';
import type { Db } from '../../platform/db/index.js';
import type { InferenceHost } from '../../platform/inference/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { TrackingService } from '../tracking/index.js';
import type { BackendRules } from './backends/configuration-types.js';
import type { CaptureLog } from './capture/capture-types.js';
import type { Followers } from './processes/process-messages.js';
import type { LiveTable } from './routing/live-table.js';
import type { ServingMetrics } from './serving-metrics.js';
import type { ServingStore } from './serving-store.js';
import type { DeploymentAuthority } from './serving-types.js';

/** What the parts of the serving service share. */
export interface ServingParts {
  readonly db: Db;
  readonly store: ServingStore;
  readonly objects: ObjectStore;
  readonly host: InferenceHost;
  readonly authority: DeploymentAuthority;
  readonly tracking: Pick<TrackingService, 'link'>;
  readonly clock: Clock;
  readonly live: LiveTable;
  /** Serving processes, told of whatever changes in `live`. */
  readonly followers: Followers;
  readonly capture: CaptureLog;
  readonly metrics: ServingMetrics;
  readonly backendRules: BackendRules;
  readonly maxRows: number;
  /** Share of the requests that are captured, 0 to 1. */
  readonly captureSample: number;
  /** Milliseconds of a clock that never jumps, for latencies. */
  readonly elapsedMs: () => number;
  readonly onError: (error: unknown, message: string) => void;
  /** Called after rows were answered and captured, copies to shadows left out. */
  readonly onCaptured: (endpoint: string, environment: string, rows: number) => void;
  /** Deployments and routing change one after the other. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}
