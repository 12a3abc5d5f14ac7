/** Who computes for a deployment. */
export type Backend =
  /** The model file, in this server. */
  | { readonly kind: 'onnx' }
  /** Another server. */
  | ({ readonly kind: 'remote'; readonly url: string } & SpokenProtocol)
  /** The user's own program on this machine. */
  | ({
      readonly kind: 'program';
      /** Program and arguments; `{port}` and `{model}` (path of the model file) are replaced. */
      readonly command: readonly string[];
      /** Default /v2/health/ready, or /ping with `mlflow`. */
      readonly readyPath?: string;
      /** Default 60 s. */
      readonly startTimeoutMs?: number;
      /** Between SIGTERM and SIGKILL. Default 10 s. */
      readonly stopTimeoutMs?: number;
    } & SpokenProtocol);

/** How a server or a program is asked. */
export interface SpokenProtocol {
  /** `oip` (default): the Open Inference Protocol version 2. `mlflow`: /invocations and /ping. */
  readonly protocol?: 'oip' | 'mlflow';
  /** Name of the model there. Needed by `oip`, and only by it, like the rest. */
  readonly model?: string;
  readonly version?: string;
  /** The name of the one input there that has all columns, in the order of the signature or in another one. */
  readonly matrix?: { readonly input: string; readonly columns?: readonly string[] };
  /** What outputs are called there, by the name they have here: `{ "label": "output_label" }`. */
  readonly outputNames?: Readonly<Record<string, string>>;
}

/** How a model version is served. Every absent member is the server's default. Part of what a deployment is. */
export interface DeploymentConfiguration {
  /** Default onnx. */
  readonly backend?: Backend;
  readonly placement?: 'auto' | 'thread' | 'process';
  readonly processes?: number;
  /** Of one run in a process of its own, or of one call. */
  readonly runTimeoutMs?: number;
  readonly maxMemoryBytes?: number;
  /** Runs at once. Default 8 calls to a remote server or a program; for a model file as many as there are workers. */
  readonly concurrency?: number;
  /** Runs that may wait. Default 256. */
  readonly maxQueue?: number;
}

/** What the operator allows. */
export interface BackendRules {
  /** Whether endpoints may be served by programs: they run as the server does. */
  readonly programs: boolean;
  /** Origins that may be called although they are on this machine or in a private network. */
  readonly servers: readonly string[];
}
