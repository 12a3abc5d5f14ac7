import type { Reader } from '../../../platform/db/index.js';
import type { Page } from '../../../platform/search/index.js';
import type { LoggedModel, LoggedModelSearch, ModelMetric } from '../logged-model-types.js';

/** A logged model without what was logged to it. */
export type ModelHead = Omit<LoggedModel, 'params' | 'tags' | 'metrics'>;
export type NumberedModel = ModelHead & { readonly no: number };

export interface ModelStore {
  insert(tx: Reader, model: ModelHead): Promise<number>;
  /** The model, its row locked until the transaction ends. */
  lock(tx: Reader, id: string): Promise<NumberedModel | undefined>;
  update(
    tx: Reader,
    no: number,
    change: Partial<Pick<ModelHead, 'status' | 'lifecycle'>> & { updatedAtMs: number },
  ): Promise<void>;
  find(reader: Reader, id: string): Promise<LoggedModel | undefined>;
  search(reader: Reader, request: LoggedModelSearch): Promise<Page<LoggedModel>>;
  /** Number and lifecycle by id; those that are not there are left out. */
  numbers(
    reader: Reader,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly no: number; readonly deleted: boolean }>>;
  params(reader: Reader, no: number): Promise<ReadonlyMap<string, string>>;
  insertParams(tx: Reader, no: number, params: Readonly<Record<string, string>>): Promise<void>;
  upsertTags(tx: Reader, no: number, tags: Readonly<Record<string, string>>): Promise<void>;
  /** The keys that were there. */
  removeTags(tx: Reader, no: number, keys: readonly string[]): Promise<readonly string[]>;
  /** A metric that is there already is kept once. */
  insertMetrics(tx: Reader, metrics: readonly (ModelMetric & { readonly no: number })[]): Promise<void>;
}
