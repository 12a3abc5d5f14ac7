import type { Reader, Tx } from '../../platform/db/index.js';
import type { Dataset, DatasetVersion, Delivery, Split } from './data-types.js';

export interface DeliveryRecord {
  readonly delivery: Delivery;
  /** Equal for equal source bytes under the same contract in the same mode. */
  readonly fingerprint: string;
}

/** Where the room keeps its nouns. Reads take any reader, writes the running transaction. */
export interface DataStore {
  dataset(reader: Reader, name: string): Promise<Dataset | undefined>;
  datasets(reader: Reader): Promise<Dataset[]>;
  saveDataset(tx: Tx, dataset: Dataset): Promise<void>;
  /**
   * Moves `latest` and locks the dataset until the transaction ends. False when `expected` is no longer the latest.
   */
  moveLatest(
    tx: Tx,
    name: string,
    move: { readonly expected: string | null; readonly latest: string | null },
  ): Promise<boolean>;
  version(reader: Reader, id: string): Promise<DatasetVersion | undefined>;
  versionByNumber(reader: Reader, dataset: string, number: number): Promise<DatasetVersion | undefined>;
  /** Newest first. */
  versions(reader: Reader, dataset: string): Promise<DatasetVersion[]>;
  /** 1 for the first version. */
  nextNumber(tx: Tx, dataset: string): Promise<number>;
  insertVersion(tx: Tx, version: DatasetVersion): Promise<void>;
  delivery(reader: Reader, id: string): Promise<Delivery | undefined>;
  /** Newest first. */
  deliveries(reader: Reader, dataset: string): Promise<Delivery[]>;
  insertDelivery(tx: Tx, record: DeliveryRecord): Promise<void>;
  /** The accepted deliveries with one of these fingerprints, newest first. */
  accepted(reader: Reader, dataset: string, fingerprints: readonly string[]): Promise<Delivery[]>;
  split(reader: Reader, id: string): Promise<Split | undefined>;
  /** Newest first. */
  splits(reader: Reader, versionId: string): Promise<Split[]>;
  /** False when the split is there already. */
  insertSplit(tx: Tx, split: Split): Promise<boolean>;
  profileDigest(reader: Reader, subject: string): Promise<string | undefined>;
  saveProfile(tx: Tx, subject: string, digest: string): Promise<void>;
}
