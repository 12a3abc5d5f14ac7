import type { ChangeContext } from '../../platform/db/index.js';
import type { ModelSignature, ParityResult } from '../training/index.js';
import type { CardFile, CardFormat } from './card/card-formats.js';

export interface Model {
  readonly name: string;
  readonly description: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly latestVersion: number | null;
  readonly aliases: Readonly<Record<string, number>>;
}

export interface ModelFile {
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

export interface ModelVersion {
  readonly model: string;
  readonly version: number;
  /** sha256 of model.onnx, or of the manifest of its folder: the identity that gates, approvals and serving bind to. */
  readonly digest: string;
  /** Files that only a program or another server can load. Absent: model.onnx. */
  readonly form?: 'folder';
  readonly files: readonly ModelFile[];
  readonly signature: ModelSignature;
  /** Null of a model that came with its ONNX file already: what it was converted from is not here to compare with. */
  readonly parity: ParityResult | null;
  /** Null where nothing is known: the model was trained elsewhere. */
  readonly source: {
    readonly pipelineRunId: string | null;
    readonly trackingRunId: string | null;
    readonly splitId: string | null;
    readonly datasetVersionId: string | null;
    readonly trainPart: string | null;
    readonly trainer: string | null;
    readonly params: Readonly<Record<string, number | string | boolean | null>>;
  };
  /** Object digest of the evaluation report; null when nobody has evaluated it here. */
  readonly reportDigest: string | null;
  /** Object digest of the training profile, the reference of monitoring; null when the training rows are not here. */
  readonly profileDigest: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

export interface NewModelVersion extends Omit<ModelVersion, 'version' | 'createdAtMs' | 'createdBy' | 'tags'> {
  readonly tags?: Readonly<Record<string, string>>;
}

/** A fact of the card and where it comes from; `missing` marks what only a person can write. */
export interface CardField {
  readonly section: string;
  readonly name: string;
  readonly value: string | null;
  readonly source: 'fact' | 'human' | 'missing';
}

export interface ModelCard {
  readonly model: string;
  readonly version: number;
  readonly fields: readonly CardField[];
  readonly completenessRatio: number;
  readonly markdown: string;
}

/** Packaged models: what gates, serving, monitoring and cards work with. */
export interface RegistryService {
  models(): Promise<Model[]>;
  model(name: string): Promise<Model>;
  /** The packaged ones, newest first. */
  versions(model: string): Promise<ModelVersion[]>;
  /**
   * `ref` is a number, an alias or `latest`, the newest version of all.
   * @throws REG_VERSION_NOT_FOUND, REG_NOT_SERVABLE, REG_NOT_EXAMINED
   */
  version(model: string, ref: string | number): Promise<ModelVersion>;
  /** Registering the same digest from the same run again gives the same version. */
  register(context: ChangeContext, version: NewModelVersion): Promise<ModelVersion>;
  setAlias(context: ChangeContext, model: string, alias: { name: string; version: number }): Promise<void>;
  removeAlias(context: ChangeContext, model: string, alias: string): Promise<void>;
  aliasHistory(model: string): Promise<{ alias: string; version: number | null; atMs: number; by: string }[]>;
  setTags(
    context: ChangeContext,
    model: string,
    change: { version: number; tags: Readonly<Record<string, string | null>> },
  ): Promise<ModelVersion>;
  setCardText(
    context: ChangeContext,
    model: string,
    change: { version: number; section: string; name: string; text: string },
  ): Promise<void>;
  /** Of a version of any flavour. */
  card(model: string, version: number): Promise<ModelCard>;
  /** The card in another format, as a file. Equal facts give equal bytes. */
  cardFile(model: string, version: number, format: CardFormat): Promise<CardFile>;
}
