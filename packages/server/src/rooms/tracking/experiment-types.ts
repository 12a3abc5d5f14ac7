import type { ChangeContext } from '../../platform/db/index.js';
import type { Page, SearchRequest } from '../../platform/search/index.js';

export type Lifecycle = 'active' | 'deleted';

export interface Experiment {
  /** Decimal digits; "0" is the experiment "Default" that every store has. Ids of before this numbering stay. */
  readonly id: string;
  /** Unique among those that are not deleted: a deleted name is free again. */
  readonly name: string;
  readonly lifecycle: Lifecycle;
  readonly tags: Readonly<Record<string, string>>;
  /**
   * Where files of its runs go: `artifacts:/PATH` is kept by this server (default `artifacts:/ID`), anything else is an
   * address on the allow-list of roots that clients use themselves.
   */
  readonly artifactRoot: string;
  /** What people write about it, Markdown; "" when nothing. */
  readonly note: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type ExperimentField = 'id' | 'name' | 'createdAt' | 'updatedAt' | 'tag';

export interface ExperimentService {
  /** @throws TRK_EXPERIMENT_EXISTS, TRK_VALUE_INVALID, TRK_ARTIFACT_ROOT_REFUSED */
  createExperiment(
    context: ChangeContext,
    request: { name: string; artifactRoot?: string; tags?: Readonly<Record<string, string>>; note?: string },
  ): Promise<Experiment>;
  /** The experiment of that name, made when there is none; concurrent callers get the same one. */
  ensureExperiment(context: ChangeContext, name: string): Promise<Experiment>;
  /** Deleted ones too. @throws TRK_EXPERIMENT_NOT_FOUND */
  experiment(id: string): Promise<Experiment>;
  /** The active one of that name, else the one deleted last. @throws TRK_EXPERIMENT_NOT_FOUND */
  experimentNamed(name: string): Promise<Experiment>;
  /** By name; active ones unless told. */
  experiments(lifecycle?: 'active' | 'deleted' | 'all'): Promise<Experiment[]>;
  /** Default order: createdAt desc, id asc. */
  searchExperiments(request: SearchRequest<ExperimentField>): Promise<Page<Experiment>>;
  /** A tag of value null is removed. @throws TRK_EXPERIMENT_DELETED, TRK_EXPERIMENT_EXISTS */
  updateExperiment(
    context: ChangeContext,
    id: string,
    change: { name?: string; note?: string; tags?: Readonly<Record<string, string | null>> },
  ): Promise<Experiment>;
  /** Its active runs are deleted with it, and come back with it. */
  deleteExperiment(context: ChangeContext, id: string): Promise<Experiment>;
  /** @throws TRK_EXPERIMENT_EXISTS when the name is taken by now */
  restoreExperiment(context: ChangeContext, id: string): Promise<Experiment>;
}
