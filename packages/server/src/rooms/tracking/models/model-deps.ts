import type { Clock } from '@fairlead/kernel';
import type { Db, Reader, Tx } from '../../../platform/db/index.js';
import type { LinkedRun } from '../inputs/input-service.js';
import type { LineageEdge } from '../lineage-types.js';
import { trackingErrors } from '../tracking-errors.js';
import type { ModelStore } from './model-store.js';

export interface ModelDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly store: ModelStore;
  /** Throws TRK_RUN_NOT_FOUND, TRK_RUN_DELETED. */
  readonly activeRun: (reader: Reader, runId: string) => Promise<LinkedRun>;
  /** Throws TRK_EXPERIMENT_NOT_FOUND, TRK_EXPERIMENT_DELETED. */
  readonly activeExperiment: (
    reader: Reader,
    id: string,
  ) => Promise<{ readonly id: string; readonly artifactRoot: string }>;
  readonly link: (tx: Tx & Reader, edges: readonly LineageEdge[]) => Promise<void>;
}

/** Throws TRK_MODEL_NOT_FOUND. */
export function missingModel(id: string): never {
  const shown = id.slice(0, 80);
  throw trackingErrors.TRK_MODEL_NOT_FOUND(`There is no logged model ${JSON.stringify(shown)}.`, {
    data: { modelId: shown },
  });
}

/** Deleted ones count: a run may have read what was deleted since. Throws TRK_MODEL_NOT_FOUND for the first that is not there. */
export async function requireModels(store: ModelStore, reader: Reader, ids: readonly string[]): Promise<void> {
  const known = await store.numbers(reader, ids);
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined) missingModel(missing);
}
