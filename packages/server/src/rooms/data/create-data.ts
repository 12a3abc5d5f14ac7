import { checkSourcePlace } from './acquire-source.js';
import type { DataDeps } from './data-deps.js';
import { sqlDataStore } from './data-store.sql.js';
import type { DataService } from './data-types.js';
import { declareDataset } from './declare-dataset.js';
import { getDataset, getDelivery, getSplit, getVersion, getVersionById } from './find-data.js';
import { ingestDelivery, sourcePlace } from './ingest-delivery.js';
import { profileData } from './profile-data.js';
import { readQuarantine } from './read-quarantine.js';
import { readPart, readRows } from './read-rows.js';
import { rejudgeVersion } from './rejudge-version.js';
import { splitAgain, splitVersion } from './split-version.js';

export type CreateDataDeps = Omit<DataDeps, 'store' | 'allowPrivateUrls' | 'maxSourceBytes'> & {
  /** Default false: sources on this machine and in private networks are refused. */
  readonly allowPrivateUrls?: boolean;
  /** Default 4 GiB. */
  readonly maxSourceBytes?: number;
};

const DEFAULT_MAX_SOURCE_BYTES = 4 * 1024 ** 3;

/** The data room on one database, one lake and one object store. */
export function createData(given: CreateDataDeps): DataService {
  const deps: DataDeps = {
    ...given,
    store: sqlDataStore,
    allowPrivateUrls: given.allowPrivateUrls ?? false,
    maxSourceBytes: given.maxSourceBytes ?? DEFAULT_MAX_SOURCE_BYTES,
  };
  const { db, store, objects } = deps;
  return {
    declare: (context, name, spec) => declareDataset(deps, context, { name, spec }),
    list: () => store.datasets(db),
    get: (name) => getDataset(deps, name),
    ingest: (context, request, options) => ingestDelivery(deps, context, { request, options }),
    checkSource: async (request) =>
      checkSourcePlace(deps, sourcePlace(await getDataset(deps, request.dataset), request)),
    version: (dataset, ref) => getVersion(deps, dataset, ref),
    versionById: (id) => getVersionById(deps, id),
    versions: async (name) => store.versions(db, (await getDataset(deps, name)).name),
    deliveries: async (name) => store.deliveries(db, (await getDataset(deps, name)).name),
    delivery: (id) => getDelivery(deps, id),
    quarantine: (deliveryId, page) => readQuarantine(deps, deliveryId, page),
    upload: (bytes) => objects.putStream(bytes, { maxBytes: deps.maxSourceBytes }),
    split: (context, versionId, spec) => splitVersion(deps, context, { versionId, spec }),
    rejudge: (request, options = {}) => rejudgeVersion(deps, request, options),
    resplit: (splitId) => splitAgain(deps, splitId),
    splitById: (id) => getSplit(deps, id),
    splits: (versionId) => store.splits(db, versionId),
    readVersion: async (versionId, options = {}) => readRows(deps, await getVersionById(deps, versionId), options),
    readPart: (splitId, part) => readPart(deps, splitId, part),
    profile: (of) => profileData(deps, of),
  };
}
