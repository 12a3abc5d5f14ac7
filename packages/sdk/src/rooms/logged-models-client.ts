import type { CreateLoggedModelSchema, LoggedModelView, UpdateLoggedModelSchema, Wire } from '@fairlead/contracts';
import type { Page, Transport } from '../call-types.js';

export interface LoggedModelQuery {
  readonly experimentId: string;
  /** Newest first without it. */
  readonly orderByMetric?: string;
  readonly direction?: 'asc' | 'desc';
  readonly limit?: number;
  readonly pageToken?: string;
}

/** Models that runs have written; their files are in the tree of files, below `artifactRoot`. */
export function loggedModelsClient({ json }: Transport) {
  return {
    list: (query: LoggedModelQuery) => json<Page<LoggedModelView>>('listLoggedModels', { query }),
    get: (modelId: string) => json<LoggedModelView>('getLoggedModel', { params: { modelId } }),
    create: (model: Wire<typeof CreateLoggedModelSchema>) =>
      json<LoggedModelView>('createLoggedModel', { body: model }),
    /** A tag of value null is removed. */
    update: (modelId: string, change: Wire<typeof UpdateLoggedModelSchema>) =>
      json<LoggedModelView>('updateLoggedModel', { params: { modelId }, body: change }),
    delete: (modelId: string) => json<void>('deleteLoggedModel', { params: { modelId } }),
  };
}
