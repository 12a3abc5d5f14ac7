import type { Reader } from '../../../platform/db/index.js';
import type { InputDataset, RunLinks, RunModelLink } from '../input-types.js';

/** What runs read and made, as they said themselves. */
export interface InputStore {
  /** The numbers of the datasets, in their order; those that are new are added. */
  ensureDatasets(tx: Reader, experimentId: string, datasets: readonly InputDataset[]): Promise<number[]>;
  /** Gives the numbers that the run did not have before. */
  addInputs(tx: Reader, runId: string, datasetNos: readonly number[]): Promise<ReadonlySet<number>>;
  upsertTags(
    tx: Reader,
    runId: string,
    tags: readonly { readonly datasetNo: number; readonly key: string; readonly value: string }[],
  ): Promise<void>;
  /** Gives the ids that were not linked before. */
  upsertModels(
    tx: Reader,
    runId: string,
    links: { direction: 'input' | 'output'; models: readonly RunModelLink[] },
  ): Promise<ReadonlySet<string>>;
  /** One query for each table, whatever the number of runs. */
  linksOf(reader: Reader, runIds: readonly string[]): Promise<ReadonlyMap<string, RunLinks>>;
  datasetsOf(
    reader: Reader,
    experimentIds: readonly string[],
    limit: number,
  ): Promise<{ experimentId: string; name: string; digest: string; context: string | null }[]>;
}
