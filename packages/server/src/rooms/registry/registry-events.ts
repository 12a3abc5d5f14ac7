import { defineEvent } from '@fairlead/kernel';

export const versionRegistered = defineEvent<{
  model: string;
  version: number;
  /** Null: not packaged, or not yet. */
  digest: string | null;
  splitId: string | null;
  datasetVersionId: string | null;
  trackingRunId: string | null;
  pipelineRunId: string | null;
}>('registry.version-registered', 'A model version was registered');
export const aliasSet = defineEvent<{ model: string; alias: string; version: number | null }>(
  'registry.alias-set',
  'An alias of a model was pointed at a version or removed',
);
export const versionTagged = defineEvent<{ model: string; version: number }>(
  'registry.version-tagged',
  'The tags of a model version changed',
);
export const cardEdited = defineEvent<{ model: string; version: number; section: string; name: string }>(
  'registry.card-edited',
  'A person wrote a field of a model card',
);
export const modelCreated = defineEvent<{ model: string }>('registry.model-created', 'A model was created');
export const modelChanged = defineEvent<{ model: string }>(
  'registry.model-changed',
  'The description or the tags of a model changed',
);
export const modelRenamed = defineEvent<{ model: string; from: string }>(
  'registry.model-renamed',
  'A model was renamed',
);
export const modelDeleted = defineEvent<{ model: string; versions: number }>(
  'registry.model-deleted',
  'A model was deleted with its versions',
);
export const versionDescribed = defineEvent<{ model: string; version: number }>(
  'registry.version-described',
  'The description of a model version changed',
);
export const versionDeleted = defineEvent<{ model: string; version: number }>(
  'registry.version-deleted',
  'A model version was deleted',
);
export const stageSet = defineEvent<{ model: string; version: number; stage: string }>(
  'registry.stage-set',
  'A model version entered a stage',
);
export const versionExamined = defineEvent<{
  model: string;
  version: number;
  servable: string;
  digest: string | null;
}>('registry.version-examined', 'It was found out whether a model version can be served as it is');
export const modelImported = defineEvent<{ model: string; versions: readonly number[] }>(
  'registry.model-imported',
  'A model was taken over from another registry, with these versions',
);
