import type {
  ImportedExperimentSchema,
  ImportedLinksSchema,
  ImportedLoggedModelSchema,
  ImportedModelSchema,
  ImportedPlaceView,
  ImportedPointsSchema,
  ImportedRunsSchema,
  ImportVerdictView,
  ModelImportVerdictView,
  RunArtifactView,
  RunInventoryView,
  SettleImportSchema,
  TakeInventorySchema,
  Wire,
} from '@fairlead/contracts';
import type { CallOptions, List, Transport } from '../call-types.js';

/** Taking over what another server recorded, with its ids and times. Everything may be sent again. */
export function importsClient({ json }: Transport) {
  return {
    experiment: (record: Wire<typeof ImportedExperimentSchema>, options: CallOptions = {}) =>
      json<ImportedPlaceView>('importExperiment', { ...options, body: record }),
    runs: (records: Wire<typeof ImportedRunsSchema>, options: CallOptions = {}) =>
      json<List<ImportVerdictView>>('importRuns', { ...options, body: records }),
    points: (points: Wire<typeof ImportedPointsSchema>, options: CallOptions = {}) =>
      json<void>('importPoints', { ...options, body: points }),
    links: (runId: string, links: Wire<typeof ImportedLinksSchema>, options: CallOptions = {}) =>
      json<ImportVerdictView>('importRunLinks', { ...options, params: { runId }, body: links }),
    loggedModel: (modelId: string, record: Wire<typeof ImportedLoggedModelSchema>, options: CallOptions = {}) =>
      json<ImportedPlaceView>('importLoggedModel', { ...options, params: { modelId }, body: record }),
    modelFiles: (modelId: string, options: CallOptions = {}) =>
      json<List<RunArtifactView>>('listImportedModelFiles', { ...options, params: { modelId } }),
    model: (model: string, record: Wire<typeof ImportedModelSchema>, options: CallOptions = {}) =>
      json<ModelImportVerdictView>('importModel', { ...options, params: { model }, body: record }),
    /** Deletes what was deleted elsewhere, once its files are here. */
    settle: (experimentId: string, deleted: Wire<typeof SettleImportSchema>, options: CallOptions = {}) =>
      json<void>('settleImport', { ...options, params: { experimentId }, body: deleted }),
    inventory: (request: Wire<typeof TakeInventorySchema>, options: CallOptions = {}) =>
      json<List<RunInventoryView>>('takeImportInventory', { ...options, body: request }),
  };
}
