import type { ChangeContext, Reader, Tx } from '../../platform/db/index.js';
import type { RunningJob } from '../../platform/jobs/index.js';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A result that another step or room can use. `digest` decides caching: equal digest, equal content. */
export interface ArtifactRef {
  /** dataset-version | split | model | report | model-version | release | file … */
  readonly kind: string;
  readonly id: string;
  readonly digest: string;
}

export type StepSpec = {
  /** Steps that must succeed first, beyond those named in `inputs`. */
  readonly needs?: readonly string[];
  /** Input name → `step.output`. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, Json>>;
  readonly retries?: number;
  readonly timeoutMs?: number;
  readonly seed?: number;
  readonly cacheSalt?: string;
  readonly cache?: boolean;
} & (
  | { /** A built-in step, for example `train`. */ readonly uses: string }
  | {
      /** A TypeScript or JavaScript module of the project and its exported function: `steps/clean.ts#clean`. */
      readonly function: string;
    }
  | {
      /** A command and its arguments, run unchanged in the project's folder. */
      readonly run: readonly string[];
      /** Output name → file it writes, relative to FAIRLEAD_OUTPUT_DIR. */
      readonly outputs?: Readonly<Record<string, string>>;
      readonly env?: Readonly<Record<string, string>>;
      /** Files and folders that belong to its code beyond what is found by reading imports. */
      readonly code?: readonly string[];
    }
);

export type TriggerSpec =
  | { readonly on: 'schedule'; readonly cron: string; readonly timezone?: string }
  | { readonly on: 'data-version'; readonly dataset: string }
  | { readonly on: 'event'; readonly type: string };

export interface PipelineSpec {
  readonly description?: string;
  readonly steps: Readonly<Record<string, StepSpec>>;
  readonly triggers?: readonly TriggerSpec[];
  readonly params?: Readonly<Record<string, Json>>;
  /** Run while another run of the pipeline is active. Default queue. */
  readonly concurrency?: 'queue' | 'skip';
}

export interface Pipeline {
  readonly name: string;
  readonly spec: PipelineSpec;
  readonly specDigest: string;
  readonly projectFolder: string;
  readonly updatedAtMs: number;
}

export type PipelineRunState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
export type StepState = 'waiting' | 'queued' | 'running' | 'succeeded' | 'cached' | 'failed' | 'cancelled' | 'skipped';

export interface StepRun {
  readonly name: string;
  readonly state: StepState;
  readonly attempt: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly cacheKey: string | null;
  /** Why the step ran although a former result exists: the changed components of its key, in words. */
  readonly whyNotCached: readonly string[];
  readonly cachedFromRunId: string | null;
  readonly outputs: Readonly<Record<string, ArtifactRef>>;
  readonly summary: Json;
  readonly trackingRunId: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | null;
  readonly progress: { readonly ratio: number; readonly message: string } | null;
}

export interface PipelineRun {
  readonly id: string;
  readonly pipeline: string;
  readonly specDigest: string;
  readonly state: PipelineRunState;
  readonly params: Readonly<Record<string, Json>>;
  readonly trigger: {
    readonly kind: 'manual' | 'api' | 'schedule' | 'data-version' | 'event' | 'automation';
    readonly ref: string | null;
  };
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly endedAtMs: number | null;
  readonly steps: readonly StepRun[];
}

/** What a step gets. `params` are resolved: references to pipeline parameters are replaced. */
export interface StepContext {
  readonly context: ChangeContext;
  readonly pipeline: string;
  readonly pipelineRunId: string;
  readonly step: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly inputs: Readonly<Record<string, ArtifactRef>>;
  readonly seed: number;
  readonly projectFolder: string;
  /** The tracking run of this step, already started. */
  readonly trackingRunId: string;
  readonly signal: AbortSignal;
  progress(ratio: number, message: string): void;
  /**
   * Runs a program of the user's in the project folder as command steps do: supervised, with their variables, with a token.
   * `read` gets the folder that it wrote to, which is gone afterwards. Rejects as a command step does.
   */
  command<T>(argv: readonly string[], read: (folder: string) => Promise<T>): Promise<T>;
}

export interface StepResult {
  readonly outputs: Readonly<Record<string, ArtifactRef>>;
  /** A few facts for people: shown in `fairlead run` and on the page. */
  readonly summary?: Json;
  /** Runs in the transaction that marks the step succeeded. */
  readonly commit?: (tx: Tx & Reader) => Promise<void>;
}

/** What the record of a finished step says about its result. */
export interface StepOutcome {
  readonly outputs: Readonly<Record<string, ArtifactRef>>;
  readonly summary: Json;
}

/** A step worked out again without acting: what the record says and what would come out, by name; or why it cannot be. */
export type WorkedOut =
  | {
      readonly before: Readonly<Record<string, ArtifactRef>>;
      readonly after: Readonly<Record<string, ArtifactRef>>;
      /** What decides the result and is not as it was, in words. */
      readonly changed: readonly string[];
    }
  | { readonly cannot: string };

/** A built-in step, provided by the room that knows how. */
export interface StepHandler {
  readonly uses: string;
  /** Part of the cache key: raise it when equal inputs may give another result. */
  readonly version: string;
  readonly title: string;
  /** False for steps whose effect is outside the result, for example `ingest` and `request-release`. */
  readonly cacheable: boolean;
  /**
   * Problems of the parameters in words; empty when they are fine. Called by plan, apply and before a run. `inputs` are the
   * names of those that are connected.
   */
  check(params: Readonly<Record<string, Json>>, inputs?: readonly string[]): readonly string[];
  run(step: StepContext): Promise<StepResult>;
  /**
   * For a step that is not cacheable: works out from what the record kept what would come out, and does nothing else.
   * Absent where the effect cannot be told from the result.
   */
  readonly repeat?: (step: StepContext, recorded: StepOutcome) => Promise<WorkedOut>;
}

/**
 * Among which packages the code of the project is repeated: `rebuild` installs those of the lock files, `offline` does so
 * without a network, `current` takes what is installed.
 */
export type EnvironmentChoice = 'rebuild' | 'offline' | 'current';

/** Among which packages a repeated step ran. */
export interface StepEnvironment {
  /**
   * `fairlead`: in the server, as built-in steps do. `rebuilt`: those of the lock files of then. `current`: what is installed
   * now. `failed`: they could not be installed, so the step did not run.
   */
  readonly kind: 'fairlead' | 'rebuilt' | 'current' | 'failed';
  /** From what, or why not, in words. */
  readonly detail: string;
  /** What was installed: `name==version` of pip, `name@version` of npm. */
  readonly packages: readonly string[];
}

export interface RepeatOptions {
  readonly runId: string;
  readonly step: string;
  /** The job in which it happens: its abort stops the step, its id names the folder. */
  readonly job: RunningJob;
  readonly environment: EnvironmentChoice;
}

/** A step that was done again from its record, and what came out then and now. */
export interface RepeatedStep {
  readonly pipelineRunId: string;
  readonly step: string;
  /** Tracked runs: the recorded one and the one of this repetition. */
  readonly originalRunId: string;
  readonly runId: string;
  readonly before: Readonly<Record<string, ArtifactRef>>;
  readonly after: Readonly<Record<string, ArtifactRef>>;
  /** What decides the result and is not as it was, in words, most telling first; empty when all is. */
  readonly changed: readonly string[];
  /** Where the step's code came from: Fairlead itself, the recorded commit, or the project folder as it is now. */
  readonly code: 'built-in' | 'checked-out' | 'project-folder';
  readonly environment: StepEnvironment;
  /** Why nothing came out, where the step did not run or failed; it is among what changed, too. */
  readonly failure: string | null;
}

export interface PipelinesService {
  declare(
    context: ChangeContext,
    name: string,
    pipeline: { spec: PipelineSpec; projectFolder: string },
  ): Promise<{ pipeline: Pipeline; changed: boolean }>;
  list(): Promise<Pipeline[]>;
  get(name: string): Promise<Pipeline>;
  start(
    context: ChangeContext,
    request: {
      pipeline: string;
      params?: Readonly<Record<string, Json>>;
      trigger?: PipelineRun['trigger'];
      cache?: 'auto' | 'off' | 'refresh';
    },
  ): Promise<PipelineRun>;
  run(runId: string): Promise<PipelineRun>;
  /** Newest first; `after` is the last run of the page before. */
  runs(query: {
    pipeline?: string;
    state?: PipelineRunState;
    after?: { createdAtMs: number; id: string };
    limit: number;
  }): Promise<PipelineRun[]>;
  cancel(context: ChangeContext, runId: string): Promise<PipelineRun>;
  /** Runs the failed and not yet run steps of a finished run again; succeeded steps are kept. */
  resume(context: ChangeContext, runId: string): Promise<PipelineRun>;
  waitFor(runId: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<PipelineRun>;
  /** Does a finished step again from its record, without touching that. */
  repeat(context: ChangeContext, options: RepeatOptions): Promise<RepeatedStep>;
  handlers(): readonly StepHandler[];
  /** Removes what a killed server left of repetitions; before the jobs start. */
  restore(): Promise<void>;
}
