import { defineEvent } from '@fairlead/kernel';

export const versionRegistered = defineEvent<{
  model: string;
  version: number;
  digest: string;
  splitId: string;
  datasetVersionId: string;
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
