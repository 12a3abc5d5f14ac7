import type {
  AliasHistorySchema,
  ChangeRecordSchema,
  ModelCardView,
  ModelRecordView,
  ModelVersionView,
  ModelView,
  NewRecordSchema,
  NewVersionRecordSchema,
  SetCardTextSchema,
  SetStageSchema,
  SetTagsSchema,
  StandingsSchema,
  VersionRecordView,
  Wire,
} from '@fairlead/contracts';
import type { CallOptions, Download, List, Transport } from '../call-types.js';

/** Models and versions of every flavour. */
export function modelRecordsClient({ json }: Transport) {
  return {
    list: (query: { limit?: number; pageToken?: string; nameLike?: string } = {}) =>
      json<RecordPage<ModelRecordView>>('listModelRecords', { query }),
    create: (model: Wire<typeof NewRecordSchema>) => json<ModelRecordView>('createModelRecord', { body: model }),
    get: (model: string) => json<ModelRecordView>('getModelRecord', { params: { model } }),
    change: (model: string, change: Wire<typeof ChangeRecordSchema>) =>
      json<ModelRecordView>('changeModelRecord', { params: { model }, body: change }),
    delete: (model: string) => json<void>('deleteModelRecord', { params: { model } }),
    /** Newest first. */
    versions: (model: string, query: { limit?: number; pageToken?: string } = {}) =>
      json<RecordPage<VersionRecordView>>('listVersionRecords', { params: { model }, query }),
    register: (model: string, version: Wire<typeof NewVersionRecordSchema>) =>
      json<VersionRecordView>('createVersionRecord', { params: { model }, body: version }),
    version: (model: string, version: string | number) =>
      json<VersionRecordView>('getVersionRecord', { params: { model, version } }),
    deleteVersion: (model: string, version: number) =>
      json<void>('deleteVersionRecord', { params: { model, version } }),
    setStage: (model: string, version: number, stage: Wire<typeof SetStageSchema>) =>
      json<VersionRecordView>('setVersionStage', { params: { model, version }, body: stage }),
    /** Reads the version's files again. */
    examine: (model: string, version: number) =>
      json<VersionRecordView>('examineVersion', { params: { model, version } }),
    history: (model: string) => json<Wire<typeof StandingsSchema>>('getModelHistory', { params: { model } }),
    /** What stood at the alias or in the stage at that moment. */
    standing: (model: string, query: { name: string; atMs: number }) =>
      json<List<VersionRecordView>>('getStandingVersions', { params: { model }, query }),
  };
}

export interface RecordPage<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string | null;
}

/** `version` is a number, an alias or `latest` where a text is taken. */
export function modelsClient({ json, text, download }: Transport) {
  return {
    list: () => json<List<ModelView>>('listModels'),
    get: (model: string) => json<ModelView>('getModel', { params: { model } }),
    /** Newest first. */
    versions: (model: string) => json<List<ModelVersionView>>('listModelVersions', { params: { model } }),
    version: (model: string, version: string | number) =>
      json<ModelVersionView>('getModelVersion', { params: { model, version } }),
    card: (model: string, version: number) => json<ModelCardView>('getModelCard', { params: { model, version } }),
    /** The card as a file's text: `json` is Google's model-card schema, `cyclonedx` an ML-BOM. */
    cardFile: (model: string, version: number, format: 'markdown' | 'html' | 'json' | 'cyclonedx') =>
      text('getModelCard', { params: { model, version }, query: { format } }),
    setCardText: (model: string, version: number, field: Wire<typeof SetCardTextSchema>) =>
      json<ModelCardView>('setModelCardText', { params: { model, version }, body: field }),
    /** null removes a tag. */
    setTags: (model: string, version: number, tags: Wire<typeof SetTagsSchema>['tags']) =>
      json<ModelVersionView>('setModelVersionTags', { params: { model, version }, body: { tags } }),
    setAlias: (model: string, alias: string, version: number) =>
      json<ModelView>('setModelAlias', { params: { model, alias }, body: { version } }),
    removeAlias: (model: string, alias: string) => json<ModelView>('removeModelAlias', { params: { model, alias } }),
    aliasHistory: (model: string) => json<Wire<typeof AliasHistorySchema>>('listAliasHistory', { params: { model } }),
    downloadFile: (
      model: string,
      version: string | number,
      { path, ...options }: { path: string } & CallOptions,
    ): Promise<Download> => download('downloadModelFile', { ...options, params: { model, version, '*': path } }),
  };
}
