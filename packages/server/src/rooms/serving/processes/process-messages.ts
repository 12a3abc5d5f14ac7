import type { Actor } from '@fairlead/kernel';
import type { ProbedFacts } from '../../../platform/inference/index.js';
import type { SegmentFile } from '../capture/capture-types.js';
import type { CountsTaken } from '../routing/deployment-counters.js';
import type { StoredDeployment } from '../serving-store.js';
import type { ModelPlace, RoutingTable } from '../serving-types.js';

/** A deployment that the server has in memory, approved and tried. */
export interface ModelToLoad extends StoredDeployment {
  readonly probed: ProbedFacts | undefined;
}

/** What serves at one moment. */
export interface LiveState {
  readonly endpoints: readonly string[];
  readonly tables: readonly RoutingTable[];
  readonly models: readonly ModelToLoad[];
  /** [deployment, reason]. */
  readonly failures: readonly (readonly [string, string])[];
  /** Endpoints whose prediction log takes no rows for now. */
  readonly fullLogs: readonly string[];
}

/** What the server tells its serving processes; each is in force when they have acknowledged it. */
export type LiveChange =
  | { readonly type: 'endpoint'; readonly name: string }
  | { readonly type: 'load'; readonly model: ModelToLoad }
  | { readonly type: 'unload'; readonly deploymentId: string }
  | { readonly type: 'fail'; readonly deploymentId: string; readonly reason: string }
  | { readonly type: 'table'; readonly table: RoutingTable }
  /** The prediction log of an endpoint takes no rows for now, or takes them again. */
  | { readonly type: 'log-full'; readonly endpoint: string; readonly isFull: boolean }
  /** Hand over what was counted and captured so far. */
  | { readonly type: 'flush' }
  /** As flush, and begin new segments of the prediction log. */
  | { readonly type: 'seal' };

/** Where changes of what serves go, beside the memory of this process. */
export interface Followers {
  /** Resolves when all of them act by it. @throws what loading throws */
  tell(change: LiveChange): Promise<void>;
}

/** Counts of one deployment, and the routing table under which they came about. */
export interface ReportedCounts {
  readonly deploymentId: string;
  readonly revision: number;
  readonly counts: CountsTaken;
}

/** Rows that were answered and captured, copies to shadows left out. */
export interface AnsweredRows extends ModelPlace {
  readonly rows: number;
}

/** What serving processes hand over and ask. */
export type ProcessRequest =
  /** A segment of the prediction log begins, or will not grow any more. */
  | {
      readonly type: 'segment';
      readonly state: 'opened' | 'sealed';
      readonly segment: Pick<SegmentFile, 'endpoint' | 'id'>;
    }
  | { readonly type: 'counts'; readonly counts: readonly ReportedCounts[]; readonly answered: readonly AnsweredRows[] }
  | { readonly type: 'statistics' }
  | { readonly type: 'repository' }
  | { readonly type: 'loadModel'; readonly place: ModelPlace }
  | { readonly type: 'unloadModel'; readonly actor: Actor; readonly place: ModelPlace };

/** The server's side of its serving processes. */
export interface ServingLeader {
  /** What another process needs to answer as this one does. */
  liveState(): LiveState;
  /** Takes what a process that answers in the name of this one hands over, or answers what it asks. */
  answerProcess(request: ProcessRequest, process: number): Promise<unknown>;
  /** A process is gone; what it has written is taken over. */
  processLost(process: number): void;
}
