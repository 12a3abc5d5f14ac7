import type {
  ChangeExperimentSchema,
  ChangeRunSchema,
  CreateRunSchema,
  EndRunSchema,
  ExperimentView,
  MetricPointView,
  PurgeSchema,
  RunArtifactView,
  RunBatchSchema,
  RunDifferenceView,
  RunLinksView,
  RunView,
  SampledMetricView,
  SearchRunsSchema,
  Wire,
} from '@fairlead/contracts';
import type { ByteSource, CallOptions, Download, List, Page, Transport } from '../call-types.js';

export interface RunQuery {
  readonly experiment?: string;
  readonly status?: RunView['status'];
  readonly parentRunId?: string;
  /** Newest first without it. */
  readonly orderByMetric?: string;
  readonly direction?: 'asc' | 'desc';
  readonly limit?: number;
  readonly pageToken?: string;
}

export function experimentsClient({ json }: Transport) {
  return {
    /** Active ones unless told. */
    list: (query: { lifecycle?: 'active' | 'deleted' | 'all' } = {}) =>
      json<List<ExperimentView>>('listExperiments', { query }),
    /** Creates it, or gives it back when it is there. */
    create: (name: string) => json<ExperimentView>('createExperiment', { body: { name } }),
    /** Deleted ones too. */
    get: (experimentId: string) => json<ExperimentView>('getExperiment', { params: { experimentId } }),
    change: (experimentId: string, change: Wire<typeof ChangeExperimentSchema>) =>
      json<ExperimentView>('changeExperiment', { params: { experimentId }, body: change }),
    /** With its runs; its name is free again. */
    remove: (experimentId: string) => json<ExperimentView>('deleteExperiment', { params: { experimentId } }),
    restore: (experimentId: string) => json<ExperimentView>('restoreExperiment', { params: { experimentId } }),
  };
}

export function trackingClient({ json }: Transport) {
  return {
    /** Removes deleted runs, experiments and logged models for good, or without `dryRun: false` says what would go: the job's result is a `PurgeReportView`. */
    purge: (request: Wire<typeof PurgeSchema> = {}) => json<{ jobId: string }>('purgeTracking', { body: request }),
  };
}

export function runsClient({ json, download }: Transport) {
  return {
    search: (query: RunQuery = {}) => json<Page<RunView>>('searchRuns', { query }),
    /** By any conditions and order; `parts` says which of what was logged to read. */
    find: (search: Wire<typeof SearchRunsSchema>) => json<Page<RunView>>('findRuns', { body: search }),
    /** Only what differs, of up to 1,000 runs. */
    compare: (runIds: readonly string[]) => json<List<RunDifferenceView>>('compareRuns', { body: { runIds } }),
    get: (runId: string) => json<RunView>('getRun', { params: { runId } }),
    change: (runId: string, change: Wire<typeof ChangeRunSchema>) =>
      json<RunView>('changeRun', { params: { runId }, body: change }),
    remove: (runId: string) => json<void>('deleteRun', { params: { runId } }),
    restore: (runId: string) => json<RunView>('restoreRun', { params: { runId } }),
    start: (run: Wire<typeof CreateRunSchema>) => json<RunView>('startRun', { body: run }),
    /** All or nothing; at most 1000 metrics, 100 parameters and 100 tags. */
    log: (runId: string, batch: Wire<typeof RunBatchSchema>) =>
      json<void>('logRunBatch', { params: { runId }, body: batch }),
    end: (runId: string, status: Wire<typeof EndRunSchema>['status']) =>
      json<RunView>('endRun', { params: { runId }, body: { status } }),
    metricHistory: (runId: string, key: string) =>
      json<List<MetricPointView>>('getMetricHistory', { params: { runId }, query: { key } }),
    /** For a chart: about `maxPoints` points, the smallest and greatest among them. */
    metricSamples: (
      runId: string,
      key: string,
      range: { maxPoints?: number; fromStep?: number; toStep?: number } = {},
    ) => json<SampledMetricView>('getMetricSamples', { params: { runId }, query: { key, ...range } }),
    /** Does it again from its record; the job's result has the verdict. */
    reproduce: (runId: string, options: { tolerance?: number; environment?: 'rebuild' | 'offline' | 'current' } = {}) =>
      json<{ jobId: string }>('reproduceRun', { params: { runId }, body: options }),
    artifacts: (runId: string) => json<List<RunArtifactView>>('listRunArtifacts', { params: { runId } }),
    upload: (runId: string, path: string, { body, ...options }: { body: ByteSource } & CallOptions) =>
      json<RunArtifactView>('uploadRunArtifact', { ...options, params: { runId, '*': path }, bytes: body }),
    download: (runId: string, path: string, options: CallOptions = {}): Promise<Download> =>
      download('downloadRunArtifact', { ...options, params: { runId, '*': path } }),
    /** What it read and made, by its own word. */
    links: (runId: string) => json<RunLinksView>('getRunLinks', { params: { runId } }),
    /** A file, or a folder with everything in it. */
    removeArtifacts: (runId: string, path: string) =>
      json<void>('removeRunArtifacts', { params: { runId, '*': path } }),
  };
}
