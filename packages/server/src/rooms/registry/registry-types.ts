import type { ChangeContext } from '../../platform/db/index.js';
import type { ModelSignature, ParityResult } from '../training/index.js';

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
  /** sha256 of model.onnx: the identity that gates, approvals and serving bind to. */
  readonly digest: string;
  readonly files: readonly ModelFile[];
  readonly signature: ModelSignature;
  readonly parity: ParityResult;
  readonly source: {
    readonly pipelineRunId: string | null;
    readonly trackingRunId: string | null;
    readonly splitId: string;
    readonly datasetVersionId: string;
    readonly trainPart: string;
    readonly trainer: string;
    readonly params: Readonly<Record<string, number | string | boolean | null>>;
  };
  /** Object digest of the evaluation report. */
  readonly reportDigest: string;
  /** Object digest of the training profile, the reference of monitoring. */
  readonly profileDigest: string;
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

export interface RegistryService {
  models(): Promise<Model[]>;
  model(name: string): Promise<Model>;
  versions(model: string): Promise<ModelVersion[]>;
  /** `ref` is a number, an alias or `latest`. */
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
  card(model: string, version: number): Promise<ModelCard>;
}
