import type { Clock } from '@fairlead/kernel';
import type { Db, Reader, Tx } from '../../../platform/db/index.js';
import type { FileTree } from '../file-types.js';
import type { InputService } from '../input-types.js';
import type { LineageEdge, LineageNode } from '../lineage-types.js';
import type { ModelStore } from '../models/model-store.js';
import type { ExperimentStore, MetricStore, RunStore } from '../tracking-store.js';

/** What taking over works with: the stores of the room, because services would put in their own times, ids and states. */
export interface ImportDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly experimentStore: ExperimentStore;
  readonly runStore: RunStore;
  readonly metricStore: MetricStore;
  readonly modelStore: ModelStore;
  readonly inputs: InputService;
  readonly files: Pick<FileTree, 'filesBelow'>;
  /** Whether it was removed for good. */
  readonly isPurged: (reader: Reader, node: LineageNode) => Promise<boolean>;
  readonly link: (tx: Tx & Reader, edges: readonly LineageEdge[]) => Promise<void>;
}
