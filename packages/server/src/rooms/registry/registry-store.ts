import type { Reader, Tx } from '../../platform/db/index.js';
import type { Page, SearchRequest } from '../../platform/search/index.js';
import type { HumanTexts } from './card/card-formats.js';
import type { ModelField, Servable, Stage, Standing, TagChange, VersionField } from './catalogue/catalogue-types.js';
import type { ModelVersion } from './registry-types.js';

/** What is kept of a packaged model beside the version's own facts. */
export type Package = Pick<
  ModelVersion,
  'digest' | 'form' | 'files' | 'signature' | 'parity' | 'source' | 'reportDigest' | 'profileDigest'
>;

export interface StoredModel {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: Readonly<Record<string, number>>;
  /** The newest version that is not deleted. */
  readonly latestVersion: number | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string;
  readonly deletedAtMs: number | null;
}

export interface NewStoredModel {
  readonly id: string;
  readonly name: string;
  /** The number before its first version's. */
  readonly highestVersion: number;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly atMs: number;
  readonly by: string;
}

export interface StoredVersion {
  readonly id: string;
  readonly modelId: string;
  readonly model: string;
  readonly version: number;
  readonly source: string;
  readonly filesRoot: string;
  readonly runId: string | null;
  readonly loggedModelId: string | null;
  readonly flavours: readonly string[];
  readonly stage: Stage;
  readonly description: string;
  readonly link: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: readonly string[];
  readonly servable: Servable;
  readonly notServable: string | null;
  readonly package: Package | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string;
  readonly deletedAtMs: number | null;
}

/** `key` is what the client sent to make its retry harmless; null: nothing. */
export type NewStoredVersion = Omit<StoredVersion, 'model' | 'aliases' | 'updatedAtMs' | 'deletedAtMs' | 'stage'> & {
  readonly retryKey: string | null;
};

export interface ModelChange {
  readonly name?: string;
  readonly description?: string;
  readonly deletedAtMs?: number;
  readonly tags?: TagChange;
  readonly atMs: number;
}

export interface VersionChange {
  readonly stage?: Stage;
  readonly description?: string;
  readonly tags?: TagChange;
  readonly flavours?: readonly string[];
  readonly servable?: Servable;
  readonly notServable?: string | null;
  readonly package?: Package;
  readonly deletedAtMs?: number;
  readonly atMs: number;
}

/** Where models live. Reads take the database or a transaction, writes a transaction. */
export interface RegistryStore {
  /** Active ones, by name. */
  models(reader: Reader): Promise<StoredModel[]>;
  /** The active one of that very name. */
  model(reader: Reader, name: string): Promise<StoredModel | undefined>;
  /** The name of the active model whose name has the same key. */
  nameOfSameKey(reader: Reader, name: string): Promise<string | undefined>;
  /** Active and deleted ones that have or had this name when they were deleted, oldest first. */
  modelsEver(reader: Reader, name: string): Promise<StoredModel[]>;
  /** The highest number of a packaged version that any model of this name ever had; 0: none. */
  highestPackaged(reader: Reader, name: string): Promise<number>;
  /** False when an active model has a name of the same key. */
  insertModel(tx: Tx & Reader, model: NewStoredModel): Promise<boolean>;
  /** Changes what is given, tags one by one. Writers of one model wait for each other from here on. */
  changeModel(tx: Tx & Reader, id: string, change: ModelChange): Promise<void>;
  searchModels(reader: Reader, request: SearchRequest<ModelField>): Promise<Page<StoredModel>>;

  takeVersionNumber(tx: Tx & Reader, modelId: string, atMs: number): Promise<number>;
  /** Numbers up to this one are never given again. */
  reserveVersionNumbers(tx: Tx & Reader, modelId: string, upTo: number): Promise<void>;
  insertVersion(tx: Tx & Reader, version: NewStoredVersion): Promise<void>;
  /** Newest first. */
  versions(reader: Reader, modelId: string, filter?: { packaged?: boolean }): Promise<StoredVersion[]>;
  /** Deleted ones too, newest first. */
  versionsEver(reader: Reader, modelId: string): Promise<StoredVersion[]>;
  /** Deleted ones too. */
  version(reader: Reader, modelId: string, version: number): Promise<StoredVersion | undefined>;
  /** The newest active version of each stage, of each of the models. */
  latestByStage(reader: Reader, modelIds: readonly string[]): Promise<StoredVersion[]>;
  /** The version that holds the same bytes from the same run, if any. */
  sameVersion(
    reader: Reader,
    key: { modelId: string; digest: string; trackingRunId: string | null },
  ): Promise<StoredVersion | undefined>;
  /** By their ids: one active version that comes from the run or logged model, or has its files there, in words. */
  versionsOfOwners(
    reader: Reader,
    owners: readonly { readonly id: string; readonly artifactRoot: string }[],
  ): Promise<ReadonlyMap<string, string>>;
  versionById(reader: Reader, id: string): Promise<StoredVersion | undefined>;
  versionOfRetry(reader: Reader, modelId: string, retryKey: string): Promise<StoredVersion | undefined>;
  changeVersion(tx: Tx & Reader, id: string, change: VersionChange): Promise<void>;
  searchVersions(reader: Reader, request: SearchRequest<VersionField>): Promise<Page<StoredVersion>>;

  /** Null removes the alias. The history gets a row. */
  setAlias(
    tx: Tx & Reader,
    change: { modelId: string; alias: string; version: number | null; atMs: number; by: string },
  ): Promise<void>;
  addStanding(tx: Tx & Reader, modelId: string, standings: readonly Standing[]): Promise<void>;
  /** Oldest first. */
  history(reader: Reader, modelIds: readonly string[]): Promise<(Standing & { modelId: string })[]>;
  cardTexts(reader: Reader, modelId: string, version: number): Promise<HumanTexts>;
  setCardTexts(tx: Tx & Reader, versionId: string, texts: HumanTexts): Promise<void>;
}
