import type { Placement, PlacementFacts } from './placement-rules.js';

/** Tensor element types of the Open Inference Protocol that the runtime can compute with. */
export type Datatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'FP32'
  | 'FP64'
  | 'BYTES';

/** An input or output that a model declares. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 = variable. */
  readonly shape: readonly number[];
}

/** BOOL: 0 or 1 per byte. FP16: the raw bits. BYTES: text. All others: the array of that name. */
export type TensorData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | readonly string[];

/** Row-major values with their shape; the product of the shape is the length of `data`. */
export interface NamedTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
  /** Of a tensor called {@link JOINED}: the inputs that stand side by side in its rows. */
  readonly columns?: readonly string[];
}

/** Name of the tensor FP32 [rows, inputs] that stands for all inputs FP32 [rows, 1] of a model. No input may begin with `fl/`. */
export const JOINED = 'fl/columns';

/** What a model file says about itself. */
export interface ModelDescription {
  /** sha256 of the bytes that were read. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly inputs: readonly TensorSpec[];
  /** Tensor outputs only: sequences and maps (a classifier's ZipMap) are left out and never computed. */
  readonly outputs: readonly TensorSpec[];
  /** metadata_props of the ONNX file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Runs are cheapest with one tensor {@link JOINED} whose columns are the inputs in their order. */
  readonly joins?: boolean;
}

export interface RunOptions {
  /** Names of the wanted outputs; all tensor outputs when absent. */
  readonly outputs?: readonly string[];
  /** A queued run is taken out; a started one is not stopped, but its result is dropped. */
  readonly signal?: AbortSignal;
  /** Gives the input buffers away instead of copying them: faster above ~1 MB, but the arrays are empty afterwards. */
  readonly transferInputs?: boolean;
}

export interface RunResult {
  readonly outputs: NamedTensor[];
  /** Time in the runtime alone. */
  readonly computeNs: number;
  /** From the call to the start of the computation. */
  readonly queueNs: number;
}

export interface LoadedModel extends ModelDescription {
  /** Reading, hashing and session creation in the slowest worker. */
  readonly loadMs: number;
  /** `remote`: another server; `program`: the user's own program on this machine. */
  readonly placement: Placement | 'remote' | 'program';
  /** Runs that may be computed at the same time. */
  readonly lanes: number;
  /**
   * Computes one batch. NaN and unseen categories are passed on: whether they are welcome is the caller's rule.
   * Do not change the arrays before the promise settles.
   *
   * @throws INF_INPUT_MISSING, INF_INPUT_UNKNOWN, INF_INPUT_DATATYPE, INF_INPUT_SHAPE, INF_INPUT_SIZE,
   * INF_OUTPUT_UNKNOWN, INF_OVERLOADED, INF_NOT_LOADED, INF_WORKER_LOST, INF_RUN_TIMEOUT, INF_RUN_MEMORY, INF_RUN_FAILED, or the signal's reason
   */
  run(inputs: readonly NamedTensor[], options?: RunOptions): Promise<RunResult>;
}

/** What a file showed of itself when it was tried. */
export type ProbedFacts = Omit<PlacementFacts, 'configured'>;

export interface ModelFile {
  readonly path: string;
  /** sha256 that the bytes must have. */
  readonly digest: string;
  /** A sample that the probe runs before the model may enter the serving process. */
  readonly goldenInputs?: readonly NamedTensor[];
  /** Absent: as the host decides. */
  readonly hosting?: ModelHosting;
  /** Tells apart loads of one digest with different hosting. Default ''. */
  readonly instance?: string;
}

/** How a model is kept; every absent member is the host's own default. */
export interface ModelHosting {
  readonly placement?: Placement;
  /** Processes of its own, when it has any. */
  readonly processes?: number;
  /** Of one run in a process. */
  readonly runTimeoutMs?: number;
  /** Of each process. */
  readonly maxMemoryBytes?: number;
  /** Runs that may wait. */
  readonly maxQueue?: number;
}

export interface WorkerStats {
  readonly ready: boolean;
  readonly inFlight: number;
  readonly restarts: number;
  /** Of a process; null for a thread of this one. */
  readonly pid: number | null;
}

export interface InferenceStats {
  /** The threads that models share. */
  readonly workers: readonly WorkerStats[];
  readonly models: readonly {
    readonly digest: string;
    readonly placement: Placement;
    /** The model's own processes. */
    readonly processes: readonly WorkerStats[];
    readonly queued: number;
    readonly inFlight: number;
    readonly runs: number;
    readonly failures: number;
  }[];
}

export interface InferenceHost {
  /**
   * Probes the file in a child process (once per digest), then loads it into every worker thread or into processes of its
   * own: see choosePlacement. Loading a loaded digest (of the same instance) returns the same model; loads are not counted, so the caller decides when nobody needs it any more.
   *
   * @throws INF_FILE_UNREADABLE, INF_DIGEST_MISMATCH, INF_MODEL_INVALID, INF_MODEL_CRASHED, INF_PROBE_TIMEOUT,
   * INF_UNSUPPORTED_INPUT, INF_UNSUPPORTED_OUTPUT, INF_WORKER_LOST
   */
  load(model: ModelFile): Promise<LoadedModel>;
  /** Refuses new runs, lets accepted ones finish, then frees the memory. Does nothing for an unknown digest. */
  unload(digest: string, instance?: string): Promise<void>;
  loaded(): readonly LoadedModel[];
  /** What the probe of a digest found; undefined: it was not tried here. */
  probed(digest: string): ProbedFacts | undefined;
  /** Takes over what another process of this server found, so that the file is not tried again; its digest still is checked. */
  learn(digest: string, facts: ProbedFacts): void;
  stats(): InferenceStats;
  /** Refuses new runs and loads, lets accepted runs finish, then stops the workers. */
  close(): Promise<void>;
}
