import type { Actor } from '@fairlead/kernel';
import type { ChangeContext, Reader, Tx } from '../../platform/db/index.js';
import type { NamedTensor, TensorSpec } from '../../platform/inference/index.js';
import type { ModelVersion } from '../registry/index.js';
import type { ModelSignature } from '../training/index.js';
import type { DeploymentConfiguration } from './backends/configuration-types.js';
import type { InferenceStatistics } from './routing/inference-counters.js';

export type Environment = string; // 'test', 'production' and any the project adds

export interface Endpoint {
  readonly name: string;
  readonly model: string;
  readonly description: string;
  /** Of every deployment made from now on. */
  readonly configuration: DeploymentConfiguration;
  readonly createdAtMs: number;
}

export type DeploymentState = 'loading' | 'ready' | 'failed' | 'retired';

/** One model version made servable in one environment. */
export interface Deployment {
  readonly id: string;
  readonly endpoint: string;
  readonly environment: Environment;
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  /** As the endpoint had it when it was deployed. */
  readonly configuration: DeploymentConfiguration;
  readonly configurationDigest: string;
  readonly state: DeploymentState;
  readonly error: string | null;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** Who serves which share of an endpoint from now on. One row in history per change; the newest is in force. */
export interface RoutingTable {
  readonly endpoint: string;
  readonly environment: Environment;
  readonly revision: number;
  /** Weights are ratios that sum to 1. Newest deployment first; spread by rendezvous the stable version is the last. */
  readonly entries: readonly { readonly deploymentId: string; readonly version: number; readonly weight: number }[];
  /** Deployments that get a copy of every request and whose answers nobody sees. */
  readonly shadows: readonly string[];
  /** How route keys are spread. Absent: by ranges, the newest has the lowest; with many versions those in the middle would change theirs at every move. */
  readonly spread?: 'rendezvous';
  readonly reason: string;
  readonly setBy: string;
  readonly setAtMs: number;
}

export interface PredictRequest {
  readonly endpoint: string;
  readonly environment: Environment;
  readonly requestId: string;
  /** Sticky routing key; absent: the request id. */
  readonly routeKey?: string;
  /** Answer with this version instead of the routed one; whether the caller may is the border's rule. */
  readonly targetVersion?: number;
  readonly consumer: string;
  /** True when the caller has hung up: what still waits is then not computed. */
  readonly isGone?: () => boolean;
  readonly input:
    | {
        readonly kind: 'rows';
        readonly rows: readonly Readonly<Record<string, unknown>>[];
        readonly ids?: readonly string[];
      }
    | {
        readonly kind: 'tensors';
        readonly tensors: readonly NamedTensor[];
        readonly outputs?: readonly string[];
        readonly ids?: readonly string[];
      };
}

export interface Prediction {
  /** Joins the row with its ground truth later: the caller's id or `requestId/row`. */
  readonly id: string;
  readonly label: string;
  readonly probabilities: Readonly<Record<string, number>>;
  /** The number itself, for models that give numbers. */
  readonly value?: number;
  /** What the model gives beyond that, by output; a list where a row has several elements. */
  readonly outputs?: Readonly<Record<string, OutputCell>>;
}

/** One row of an output: a whole number beyond 2^53 as its digits. */
export type OutputCell = number | string | boolean | readonly (number | string | boolean)[];

export interface PredictResult {
  readonly requestId: string;
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  readonly deploymentId: string;
  readonly routeReason: string;
  readonly latencyMs: number;
  readonly predictions: readonly Prediction[];
  readonly tensors: readonly NamedTensor[];
  /** Input values outside what training saw; answered, but flagged. */
  readonly warnings: readonly {
    readonly row: number;
    readonly column: string;
    readonly kind: 'out-of-range' | 'unseen-category' | 'missing';
    readonly value: string;
  }[];
  /** The answer as JSON, in the shape of PredictAnswerSchema. */
  readonly text: () => string;
}

/** One captured row of the prediction log. */
export interface CapturedRow {
  readonly id: string;
  readonly requestId: string;
  readonly atMs: number;
  readonly endpoint: string;
  readonly environment: Environment;
  readonly deploymentId: string;
  readonly model: string;
  readonly version: number;
  readonly shadow: boolean;
  readonly routeReason: string;
  readonly consumer: string;
  readonly latencyMs: number;
  /** Of `latencyMs`, what the request waited for the model; null when it was not computed. */
  readonly queueMs: number | null;
  /** What the run took that its rows were in. */
  readonly computeMs: number | null;
  /** Chance, 0 to 1, that a request was sent to this version; null when nothing was left to chance: a copy, or a version asked for. */
  readonly propensity: number | null;
  /** HTTP status of the answer. */
  readonly status: number;
  readonly errorCode: string | null;
  readonly label: string | null;
  /** Probability of the last label (the positive one of two). */
  readonly probability: number | null;
  /** Input and context columns as sent. */
  readonly inputs: Readonly<Record<string, string | number | boolean | null>>;
}

/** A model that answers now, as its callers see it. */
export interface LiveModel {
  readonly deployment: Deployment;
  readonly signature: ModelSignature;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Versions in the routing table, newest deployment first: anybody may ask for these by number. */
  readonly versions: readonly number[];
}

/** An endpoint in an environment. */
export interface ModelPlace {
  readonly endpoint: string;
  readonly environment: Environment;
}

/** A version that could answer. */
export interface RepositoryEntry extends ModelPlace {
  /** Null: nothing is deployed. */
  readonly version: number | null;
  readonly state: 'READY' | 'UNAVAILABLE' | 'LOADING';
  /** Why it is not ready; '' when it is. */
  readonly reason: string;
}

export interface ModelStatistics extends ModelPlace, InferenceStatistics {
  readonly version: number;
}

export interface CaptureQuery {
  readonly endpoint: string;
  readonly environment: Environment;
  readonly fromMs?: number;
  readonly untilMs?: number;
  /** Only the last so many rows, given back oldest first. */
  readonly last?: number;
  readonly version?: number;
  readonly shadow?: boolean;
  readonly ids?: readonly string[];
}

/** Asked before a model is loaded: release answers whether this digest, served in this way, is approved there. */
export interface DeploymentAuthority {
  mayServe(subject: {
    endpoint: string;
    environment: Environment;
    digest: string;
    configurationDigest: string;
  }): Promise<boolean>;
  /** Whether a model is served there only when it was approved. Throws for an environment that nobody declared. */
  needsApproval(environment: Environment): Promise<boolean>;
}

export interface ServingService {
  declareEndpoint(
    context: ChangeContext,
    endpoint: { name: string; model: string; description?: string; configuration?: DeploymentConfiguration },
  ): Promise<{ endpoint: Endpoint; changed: boolean }>;
  endpoints(): Promise<Endpoint[]>;
  endpoint(name: string): Promise<Endpoint>;
  /**
   * Verifies the digest, asks the authority, probes in a disposable process, loads, warms up. The old one keeps serving
   * meanwhile. A version that is ready here already is given back as it is. A failure is kept as a failed deployment.
   *
   * @throws SRV_NOT_APPROVED, SRV_ENDPOINT_MODEL, SRV_DEPLOY_FAILED with the deployment's id and the cause
   */
  deploy(
    context: ChangeContext,
    request: {
      endpoint: string;
      environment: Environment;
      version: ModelVersion;
      /** Absent: what the endpoint is configured to now. */
      configuration?: DeploymentConfiguration;
    },
  ): Promise<Deployment>;
  /**
   * Deploys and routes in one step where no approval is needed.
   *
   * @throws SRV_RELEASE_NEEDED elsewhere, and what `deploy` throws
   */
  deployOpenly(
    context: ChangeContext,
    request: { endpoint: string; environment: Environment; version: ModelVersion },
  ): Promise<{ deployment: Deployment; routing: RoutingTable }>;
  deployments(filter: { endpoint?: string; environment?: Environment; state?: DeploymentState }): Promise<Deployment[]>;
  deployment(id: string): Promise<Deployment>;
  retire(context: ChangeContext, deploymentId: string): Promise<void>;
  /**
   * One atomic switch; refused (SRV_NOT_READY, SRV_NOT_APPROVED) when an entry is not ready or not approved. `also` runs
   * in the transaction of the switch: what it saves and the new table become true together, or neither does.
   */
  route(
    context: ChangeContext,
    table: {
      endpoint: string;
      environment: Environment;
      entries: readonly { deploymentId: string; weight: number }[];
      shadows?: readonly string[];
      /** Given, `entries` stand in the table as they are given. */
      spread?: RoutingTable['spread'];
      reason: string;
    },
    also?: (tx: Tx & Reader) => Promise<void>,
  ): Promise<RoutingTable>;
  routing(endpoint: string, environment: Environment): Promise<RoutingTable | null>;
  /** Newest first: what served which share when, why, by whom; with `atMs` from the table that was in force then. */
  routingHistory(endpoint: string, environment: Environment, limit: number, atMs?: number): Promise<RoutingTable[]>;
  predict(request: PredictRequest): Promise<PredictResult>;
  /**
   * The model behind an endpoint, by default the loaded one with the largest share.
   *
   * @throws SRV_ENDPOINT_NOT_FOUND, SRV_NOT_ROUTED, SRV_UNAVAILABLE, SRV_VERSION_NOT_FOUND
   */
  live(endpoint: string, environment: Environment, version?: number): LiveModel;
  /** Every routed endpoint and environment; `reason` says why a share of it is not answered by its own version. */
  liveEndpoints(): readonly { endpoint: string; environment: Environment; version: number; reason: string | null }[];
  /** False until `restore` is done and after `close` began. */
  ready(): boolean;
  /** Every version that could answer here, and what of them is in memory. */
  repository(): Promise<RepositoryEntry[]>;
  /**
   * Loads what is routed, or the newest ready deployment where nothing is; what is in memory stays as it is.
   *
   * @throws SRV_NAME_INVALID, SRV_ENDPOINT_NOT_FOUND, SRV_NOT_ROUTED, SRV_NOT_APPROVED and what loading throws
   */
  loadModel(place: ModelPlace): Promise<void>;
  /**
   * Takes all versions of a model out of memory until somebody loads it or the server starts again.
   *
   * @throws SRV_NAME_INVALID, SRV_ENDPOINT_NOT_FOUND, SRV_IN_USE for what is routed in production
   */
  unloadModel(actor: Actor, place: ModelPlace): Promise<void>;
  /** Runs and requests of every deployment in memory, since it was loaded. */
  inferenceStatistics(): Promise<readonly ModelStatistics[]>;
  captured(query: CaptureQuery): Promise<CapturedRow[]>;
  /** Those of the ids that are among the predictions captured last, without a search; of the others nothing is said. */
  recentlyCaptured(endpoint: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Counters since the start of the process per deployment. */
  statistics(filter: { endpoint: string; environment: Environment }): Promise<readonly DeploymentStatistics[]>;
  /** Loads again whatever the routing tables name; called once at start. */
  restore(): Promise<void>;
  flushCapture(): Promise<void>;
  close(): Promise<void>;
}

/** What the routes of inference need, in the server and in its serving processes. */
export type InferenceService = Pick<
  ServingService,
  'inferenceStatistics' | 'live' | 'liveEndpoints' | 'loadModel' | 'predict' | 'ready' | 'repository' | 'unloadModel'
>;

export interface DeploymentStatistics {
  readonly deploymentId: string;
  readonly version: number;
  readonly requests: number;
  readonly rows: number;
  readonly errors: number;
  readonly rejectedInputs: number;
  readonly nonFiniteOutputs: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /**
   * The same since the routing table in force took effect, refused inputs (4xx) counted apart. It outlives the process: what
   * a kill can take away is what the last seconds counted.
   */
  readonly sinceRouting: {
    readonly requests: number;
    readonly errors: number;
    readonly rejectedInputs: number;
    readonly nonFiniteOutputs: number;
    readonly p99Ms: number;
  };
}
