import type { Reader, Tx } from '../../platform/db/index.js';
import type { ModelSignature } from '../training/index.js';
import type { ArmCounts } from './routing/deployment-counters.js';
import type { Deployment, DeploymentState, Endpoint, Environment, RoutingTable } from './serving-types.js';

export interface DeploymentFilter {
  readonly endpoint?: string;
  readonly environment?: Environment;
  readonly state?: DeploymentState;
}

/** A deployment with what is needed to load it again after a restart. */
export interface StoredDeployment {
  readonly deployment: Deployment;
  readonly signature: ModelSignature;
}

/** One compacted segment of the prediction log. `untilMs` is the time of its newest row, inclusive. */
export interface CaptureObject {
  readonly segment: string;
  readonly endpoint: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly rowCount: number;
  /** Lines that a kill had cut short and that were left out. */
  readonly tornLines: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What one deployment counted under one routing table. */
export interface StoredArm {
  readonly deploymentId: string;
  readonly endpoint: string;
  readonly environment: Environment;
  readonly revision: number;
  readonly counts: ArmCounts;
}

/** Endpoints, deployments, routing history and the index of captured objects. Writes take the running transaction. */
export interface ServingStore {
  readEndpoint(reader: Reader, name: string): Promise<Endpoint | undefined>;
  listEndpoints(reader: Reader): Promise<Endpoint[]>;
  saveEndpoint(tx: Tx, endpoint: Endpoint): Promise<void>;
  readDeployment(reader: Reader, id: string): Promise<StoredDeployment | undefined>;
  /** Newest first. */
  listDeployments(reader: Reader, filter: DeploymentFilter): Promise<StoredDeployment[]>;
  insertDeployment(tx: Tx, stored: StoredDeployment): Promise<void>;
  setDeploymentState(tx: Tx, id: string, change: { state: DeploymentState; error: string | null }): Promise<void>;
  readRouting(reader: Reader, endpoint: string, environment: Environment): Promise<RoutingTable | null>;
  /** The table in force of every endpoint and environment. */
  listRouting(reader: Reader): Promise<RoutingTable[]>;
  /** Newest first; with `atMs` from the table that was in force then. */
  routingHistory(
    reader: Reader,
    filter: { endpoint: string; environment: Environment; limit: number; atMs?: number | undefined },
  ): Promise<RoutingTable[]>;
  appendRouting(tx: Tx, table: RoutingTable): Promise<void>;
  /** Replaces what was kept for the deployment. */
  saveArm(tx: Tx, arm: StoredArm): Promise<void>;
  listArms(reader: Reader): Promise<StoredArm[]>;
  /** Oldest first; those that may hold rows of the half-open time range. */
  listCaptureObjects(
    reader: Reader,
    filter: { endpoint: string; fromMs?: number; untilMs?: number },
  ): Promise<CaptureObject[]>;
  hasCaptureSegment(reader: Reader, segment: string): Promise<boolean>;
  insertCaptureObject(tx: Tx, object: CaptureObject): Promise<void>;
}
