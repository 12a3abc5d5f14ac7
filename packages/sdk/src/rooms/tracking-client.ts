import type {
  CreateRunSchema,
  EndRunSchema,
  ExperimentView,
  LineageGraphView,
  MetricPointView,
  RunArtifactView,
  RunBatchSchema,
  RunView,
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
    list: () => json<List<ExperimentView>>('listExperiments'),
    /** Creates it, or gives it back when it is there. */
    create: (name: string) => json<ExperimentView>('createExperiment', { body: { name } }),
  };
}

export function runsClient({ json, download }: Transport) {
  return {
    search: (query: RunQuery = {}) => json<Page<RunView>>('searchRuns', { query }),
    get: (runId: string) => json<RunView>('getRun', { params: { runId } }),
    start: (run: Wire<typeof CreateRunSchema>) => json<RunView>('startRun', { body: run }),
    /** All or nothing; at most 1000 metrics, 100 parameters and 100 tags. */
    log: (runId: string, batch: Wire<typeof RunBatchSchema>) =>
      json<void>('logRunBatch', { params: { runId }, body: batch }),
    end: (runId: string, status: Wire<typeof EndRunSchema>['status']) =>
      json<RunView>('endRun', { params: { runId }, body: { status } }),
    metricHistory: (runId: string, key: string) =>
      json<List<MetricPointView>>('getMetricHistory', { params: { runId }, query: { key } }),
    /** Does it again from its record; the job's result has the verdict. */
    reproduce: (runId: string, options: { tolerance?: number } = {}) =>
      json<{ jobId: string }>('reproduceRun', { params: { runId }, body: options }),
    artifacts: (runId: string) => json<List<RunArtifactView>>('listRunArtifacts', { params: { runId } }),
    upload: (runId: string, path: string, { body, ...options }: { body: ByteSource } & CallOptions) =>
      json<RunArtifactView>('uploadRunArtifact', { ...options, params: { runId, '*': path }, bytes: body }),
    download: (runId: string, path: string, options: CallOptions = {}): Promise<Download> =>
      download('downloadRunArtifact', { ...options, params: { runId, '*': path } }),
  };
}

export interface LineageOptions {
  readonly direction?: 'up' | 'down' | 'both';
  readonly maxNodes?: number;
}

export function lineageClient({ json }: Transport) {
  return {
    /** What something was made from, what was made from it, or both. */
    walk: (kind: string, id: string, options: LineageOptions = {}) =>
      json<LineageGraphView>('getLineage', { query: { kind, id, ...options } }),
  };
}
