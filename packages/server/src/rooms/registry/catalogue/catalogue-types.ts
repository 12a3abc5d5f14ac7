import type { ChangeContext, Reader } from '../../../platform/db/index.js';
import type { Page, SearchRequest } from '../../../platform/search/index.js';
import type { ModelVersion } from '../registry-types.js';

export type Stage = 'None' | 'Staging' | 'Production' | 'Archived';

/** Whether this server can serve a version as it is. `pending`: its files are still being examined. */
export type Servable = 'yes' | 'no' | 'pending';

/** A version of any flavour. Where it carries a package of ours (model.onnx with its signature), `packaged` has it. */
export interface VersionRecord {
  readonly model: string;
  readonly version: number;
  /** `artifacts:/…` path of its files, `model:NAME/VERSION` of a copy, `logged-model:ID`, or an allow-listed address. */
  readonly source: string;
  /** Where its files are after following copies and logged models: `artifacts:/…` or an allow-listed address. */
  readonly filesRoot: string;
  readonly runId: string | null;
  readonly loggedModelId: string | null;
  /** Flavours by their MLmodel file: `onnx`, `sklearn`, `python_function`, …; empty when there is none that can be read. */
  readonly flavours: readonly string[];
  readonly stage: Stage;
  readonly description: string;
  readonly link: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: readonly string[];
  readonly lifecycle: 'active' | 'deleted';
  readonly servable: Servable;
  /** Why it is not servable, when it is not. */
  readonly notServable: string | null;
  /** Present when this server can serve it as it is. */
  readonly packaged: ModelVersion | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string;
}

export interface ModelRecord {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: Readonly<Record<string, number>>;
  /** The newest version of each stage that has one. */
  readonly latest: readonly VersionRecord[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string;
}

export type ModelField = 'name' | 'createdAt' | 'updatedAt' | 'tag';
export type VersionField =
  | 'name'
  | 'version'
  | 'runId'
  | 'source'
  | 'createdAt'
  | 'updatedAt'
  | 'tag'
  | 'stage'
  | 'alias';

/** A version entered a stage (`name`), or an alias (`name`) was pointed at a version; null: the alias was removed. */
export interface Standing {
  readonly what: 'stage' | 'alias';
  readonly name: string;
  readonly version: number | null;
  readonly atMs: number;
  readonly by: string;
}

export type TagChange = Readonly<Record<string, string | null>>;

export interface NewModel {
  readonly name: string;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface NewVersionRecord {
  readonly model: string;
  readonly source: string;
  readonly runId?: string;
  readonly loggedModelId?: string;
  readonly description?: string;
  readonly link?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** The same key with the same request gives the version that the first one made. */
  readonly retryKey?: string;
}

/** Models and versions of every flavour, beside {@link RegistryService}, which knows the packaged ones only. */
export interface ModelCatalogue {
  /** @throws REG_MODEL_EXISTS, REG_NAME_INVALID, REG_TAG_INVALID, REG_TEXT_TOO_LONG */
  createModel(context: ChangeContext, request: NewModel): Promise<ModelRecord>;
  /** @throws REG_MODEL_NOT_FOUND */
  record(name: string): Promise<ModelRecord>;
  updateModel(
    context: ChangeContext,
    name: string,
    change: { description?: string; tags?: TagChange },
  ): Promise<ModelRecord>;
  /** Versions, aliases and history move with it, in one transaction. @throws REG_MODEL_IN_USE, REG_MODEL_EXISTS */
  renameModel(context: ChangeContext, name: string, newName: string): Promise<ModelRecord>;
  /** Versions go with it; the name is free again; history stays readable. @throws REG_MODEL_IN_USE */
  deleteModel(context: ChangeContext, name: string): Promise<void>;
  searchModels(request: SearchRequest<ModelField>): Promise<Page<ModelRecord>>;

  /** Its number is the highest ever and one. @throws REG_MODEL_NOT_FOUND, REG_SOURCE_REFUSED, REG_VERSION_NOT_FOUND (of a copy) */
  createVersion(context: ChangeContext, request: NewVersionRecord): Promise<VersionRecord>;
  /** `ref` is a number, an alias or `latest`. @throws REG_VERSION_NOT_FOUND */
  versionRecord(model: string, ref: string | number): Promise<VersionRecord>;
  /** @throws REG_MODEL_NOT_FOUND, REG_ALIAS_NOT_FOUND; of `latest` REG_VERSION_NOT_FOUND */
  versionAtAlias(model: string, alias: string): Promise<VersionRecord>;
  /** Where the files of a version can be read now: those of a version that was packaged here are put into the tree first. */
  readableRoot(model: string, ref: string | number): Promise<string>;
  updateVersion(
    context: ChangeContext,
    model: string,
    version: number,
    change: { description?: string; tags?: TagChange },
  ): Promise<VersionRecord>;
  /** Its aliases go, its number is never used again. @throws REG_MODEL_IN_USE */
  deleteVersion(context: ChangeContext, model: string, version: number): Promise<void>;
  /** @throws REG_STAGE_INVALID when others are to be archived from a stage that is neither Staging nor Production */
  setStage(
    context: ChangeContext,
    model: string,
    version: number,
    stage: Stage,
    options: { archiveExisting: boolean },
  ): Promise<VersionRecord>;
  /** Every stage change and alias move of all models that had this name, oldest first. */
  history(model: string): Promise<readonly Standing[]>;
  /** Versions that stood at the alias or stage at that moment. */
  standingAt(model: string, name: string, atMs: number): Promise<readonly VersionRecord[]>;
  /** The newest version of each stage. */
  latestByStage(model: string, stages?: readonly Stage[]): Promise<readonly VersionRecord[]>;
  searchVersions(request: SearchRequest<VersionField>): Promise<Page<VersionRecord>>;
  /** By their ids: which runs and logged models an active version comes from or has its files in, and which version. */
  versionsOfOwners(
    reader: Reader,
    owners: readonly { readonly id: string; readonly artifactRoot: string }[],
  ): Promise<ReadonlyMap<string, string>>;
  /** Reads the version's files again, for example when they were uploaded after it was made. */
  examine(context: ChangeContext, model: string, version: number): Promise<VersionRecord>;
  /** Finds out now whether a version can be served, when that is still pending. @throws REG_VERSION_NOT_FOUND */
  settle(context: ChangeContext, model: string, version: number): Promise<VersionRecord>;
}
