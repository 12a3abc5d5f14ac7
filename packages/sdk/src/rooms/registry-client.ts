import type {
  AliasHistorySchema,
  ModelCardView,
  ModelVersionView,
  ModelView,
  SetCardTextSchema,
  SetTagsSchema,
  Wire,
} from '@fairlead/contracts';
import type { CallOptions, Download, List, Transport } from '../call-types.js';

/** `version` is a number, an alias or `latest` where a text is taken. */
export function modelsClient({ json, download }: Transport) {
  return {
    list: () => json<List<ModelView>>('listModels'),
    get: (model: string) => json<ModelView>('getModel', { params: { model } }),
    /** Newest first. */
    versions: (model: string) => json<List<ModelVersionView>>('listModelVersions', { params: { model } }),
    version: (model: string, version: string | number) =>
      json<ModelVersionView>('getModelVersion', { params: { model, version } }),
    card: (model: string, version: number) => json<ModelCardView>('getModelCard', { params: { model, version } }),
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
