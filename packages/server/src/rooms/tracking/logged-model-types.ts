import type { ChangeContext } from '../../platform/db/index.js';
import type { Ordering, Page, SearchRequest } from '../../platform/search/index.js';
import type { Lifecycle } from './experiment-types.js';
import type { MetricPoint } from './metric-types.js';

/** A model that a run (or nobody) has written, before anybody registers it as a version. */
export interface LoggedModel {
  /** `m-` and 32 hex digits. */
  readonly id: string;
  readonly experimentId: string;
  readonly name: string;
  readonly modelType: string;
  readonly sourceRunId: string | null;
  readonly status: 'pending' | 'ready' | 'failed';
  readonly lifecycle: Lifecycle;
  /** `<root of the experiment>/models/<id>/artifacts` */
  readonly artifactRoot: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: readonly ModelMetric[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface ModelMetric extends MetricPoint {
  readonly runId: string;
  readonly datasetName: string | null;
  readonly datasetDigest: string | null;
}

export type LoggedModelField =
  | 'name'
  | 'id'
  | 'status'
  | 'modelType'
  | 'sourceRunId'
  | 'createdAt'
  | 'updatedAt'
  | 'experimentId'
  | 'metric'
  | 'param'
  | 'tag';

/** One key of the order; a metric counts on `dataset` alone, else on those of the search, else on any or none. */
export interface LoggedModelOrdering extends Ordering<LoggedModelField> {
  readonly dataset?: { readonly name: string; readonly digest?: string };
}

export interface LoggedModelSearch extends SearchRequest<LoggedModelField> {
  readonly orderBy?: readonly LoggedModelOrdering[];
  readonly experimentIds: readonly string[];
  /**
   * Metrics in conditions and in the order count only on these datasets; without a condition on a metric, only models that
   * were measured on one of them are found.
   */
  readonly datasets?: readonly { name: string; digest?: string }[];
}

export interface LoggedModelService {
  /** @throws TRK_EXPERIMENT_NOT_FOUND, TRK_EXPERIMENT_DELETED, TRK_RUN_NOT_FOUND, TRK_RUN_DELETED, TRK_VALUE_INVALID */
  createLoggedModel(
    context: ChangeContext,
    request: {
      experimentId: string;
      name?: string;
      modelType?: string;
      sourceRunId?: string;
      params?: Readonly<Record<string, string>>;
      tags?: Readonly<Record<string, string>>;
    },
  ): Promise<LoggedModel>;
  /** Deleted ones only when asked for. @throws TRK_MODEL_NOT_FOUND */
  loggedModel(id: string, options?: { deleted: boolean }): Promise<LoggedModel>;
  /** A param never changes (TRK_PARAM_CONFLICT); a tag of value null is removed (TRK_TAG_NOT_FOUND). @throws TRK_MODEL_NOT_FOUND */
  updateLoggedModel(
    context: ChangeContext,
    id: string,
    change: {
      status?: LoggedModel['status'];
      tags?: Readonly<Record<string, string | null>>;
      params?: Readonly<Record<string, string>>;
    },
  ): Promise<LoggedModel>;
  /** Its files stay until they are purged. @throws TRK_MODEL_NOT_FOUND */
  deleteLoggedModel(context: ChangeContext, id: string): Promise<void>;
  /** Default order: createdAt desc, id. */
  searchLoggedModels(request: LoggedModelSearch): Promise<Page<LoggedModel>>;
}
