import type { ChangeContext } from '../../../platform/db/index.js';
import type { NewVersionRecord, Stage } from './catalogue-types.js';

/** A version as another registry recorded it, under its own number. */
export interface ImportedVersion extends Omit<NewVersionRecord, 'model' | 'retryKey' | 'runId' | 'loggedModelId'> {
  readonly version: number;
  readonly runId: string | null;
  readonly loggedModelId: string | null;
  readonly stage: Stage;
  /** Of a deleted version only the number is kept. */
  readonly lifecycle: 'active' | 'deleted';
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
}

export interface ImportedModel {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: Readonly<Record<string, number>>;
  readonly versions: readonly ImportedVersion[];
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
}

export interface ModelImportVerdict {
  readonly outcome: 'made' | 'found' | 'refused' | 'absent';
  /** What of the model and its aliases is not as in the record, and was not touched. */
  readonly problems: readonly string[];
  readonly versions: readonly {
    readonly version: number;
    readonly outcome: 'made' | 'found' | 'refused' | 'absent';
    readonly problems: readonly string[];
  }[];
}

/** Takes over what another registry recorded, with numbers, stages, aliases and times. */
export interface ModelImports {
  /**
   * May be sent again: what is here stays, and what differs is told. With `check` nothing is written. The source of a copy must
   * be here already. A stage is told to stand since the version last changed, an alias since the model did: registries
   * of others keep no history.
   */
  importModel(
    context: ChangeContext,
    model: ImportedModel,
    mode: { readonly check: boolean },
  ): Promise<ModelImportVerdict>;
}
