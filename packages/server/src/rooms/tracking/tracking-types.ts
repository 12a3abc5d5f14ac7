import type { Readable } from 'node:stream';
import type { ChangeContext, Reader, Tx } from '../../platform/db/index.js';
import type { ByteRange } from '../../platform/objects/index.js';
import type { ExperimentService } from './experiment-types.js';
import type { FileTree } from './file-types.js';
import type { ImportService } from './imports/import-types.js';
import type { InputService } from './input-types.js';
import type { EdgesAt, LineageEdge, LineageGraph, LineageNode, LineageOptions, NodeMove } from './lineage-types.js';
import type { LoggedModelService } from './logged-model-types.js';
import type { MetricService } from './metric-types.js';
import type { PurgedThing } from './purge/purge-types.js';
import type { RunEnvironment, RunService } from './run-types.js';

export type * from './experiment-types.js';
export type * from './input-types.js';
export type * from './lineage-types.js';
export type * from './logged-model-types.js';
export type * from './metric-types.js';
export type * from './purge/purge-types.js';
export type * from './run-types.js';

export interface RunArtifact {
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

export interface TrackingService extends ExperimentService, RunService, MetricService {
  /** The files of all runs and logged models. */
  readonly files: FileTree & {
    /** Drops uploads that nobody went on with for a day; returns how many. */
    sweepUploads(): Promise<number>;
  };
  readonly loggedModels: LoggedModelService;
  readonly inputs: InputService;
  readonly imports: ImportService;
  putArtifact(
    context: ChangeContext,
    runId: string,
    artifact: { path: string; bytes: Uint8Array | AsyncIterable<Uint8Array> },
  ): Promise<RunArtifact>;
  /** Attaches an object that is already stored. */
  linkArtifact(context: ChangeContext, runId: string, artifact: { path: string; digest: string }): Promise<RunArtifact>;
  artifacts(runId: string): Promise<RunArtifact[]>;
  /** `range` is half-open, in bytes. */
  openArtifact(runId: string, path: string, range?: ByteRange): Promise<{ artifact: RunArtifact; stream: Readable }>;
  /** Where a path of a run is in the tree; "" is the run's root. @throws TRK_ARTIFACT_PATH_INVALID, TRK_RUN_NOT_FOUND, TRK_ARTIFACTS_ELSEWHERE */
  artifactPath(runId: string, path: string): Promise<string>;
  /** A file of a run, or a folder with everything in it. @throws TRK_ARTIFACT_NOT_FOUND, TRK_RUN_DELETED */
  removeArtifacts(context: ChangeContext, runId: string, path: string): Promise<void>;
  /** Reads git, lock file and machine of a folder. Never throws: unreadable facts are null. */
  captureEnvironment(
    folder: string,
    seeds: Readonly<Record<string, number>>,
    command?: readonly string[],
  ): Promise<RunEnvironment>;
  /** Adds lineage edges inside the caller's transaction; equal edges are kept once. */
  link(tx: Tx & Reader, edges: readonly LineageEdge[]): Promise<void>;
  /** Which of these runs, experiments and logged models were removed for good; their edges stay. */
  purged(nodes: readonly LineageNode[]): Promise<readonly PurgedThing[]>;
  /** Gives nodes another name with all their edges, for things that are renamed, in the caller's transaction. */
  moveNodes(tx: Tx & Reader, moves: readonly NodeMove[]): Promise<void>;
  /** Walks from a node `up` (towards sources), `down` (towards consumers) or both; `also` adds edges that are not stored here. */
  lineage(node: LineageNode, options: LineageOptions, also?: EdgesAt): Promise<LineageGraph>;
}
