import type { Reader, Tx } from '../../platform/db/index.js';
import type { HumanTexts } from './card-rules.js';
import type { Model, ModelVersion } from './registry-types.js';

export interface AliasChange {
  readonly model: string;
  readonly alias: string;
  /** Null removes the alias. */
  readonly version: number | null;
  readonly atMs: number;
  readonly by: string;
}

/** Where models live. Reads take the database or a transaction, writes a transaction. */
export interface RegistryStore {
  models(reader: Reader): Promise<Model[]>;
  model(reader: Reader, name: string): Promise<Model | undefined>;
  /** Makes the model on first use and hands out its next version number. */
  takeVersionNumber(tx: Tx & Reader, model: { name: string; atMs: number; by: string }): Promise<number>;
  insertVersion(tx: Tx & Reader, version: ModelVersion): Promise<void>;
  versions(reader: Reader, model: string): Promise<ModelVersion[]>;
  version(reader: Reader, model: string, version: number): Promise<ModelVersion | undefined>;
  /** The version that holds the same bytes from the same run, if any. */
  sameVersion(
    reader: Reader,
    key: { model: string; digest: string; trackingRunId: string | null },
  ): Promise<ModelVersion | undefined>;
  setTags(tx: Tx & Reader, version: ModelVersion, tags: Readonly<Record<string, string>>): Promise<void>;
  setAlias(tx: Tx & Reader, change: AliasChange): Promise<void>;
  aliasHistory(reader: Reader, model: string): Promise<Omit<AliasChange, 'model'>[]>;
  cardTexts(reader: Reader, model: string, version: number): Promise<HumanTexts>;
  setCardTexts(tx: Tx & Reader, version: ModelVersion, texts: HumanTexts): Promise<void>;
}
