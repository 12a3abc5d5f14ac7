import type { DataDeps } from './data-deps.js';
import { dataErrors } from './data-errors.js';
import type { Dataset, DatasetVersion, Delivery, Split } from './data-types.js';

type ReadDeps = Pick<DataDeps, 'db' | 'store'>;

/** @throws DATA_DATASET_NOT_FOUND */
export async function getDataset({ db, store }: ReadDeps, name: string): Promise<Dataset> {
  const dataset = await store.dataset(db, name);
  if (dataset !== undefined) return dataset;
  throw dataErrors.DATA_DATASET_NOT_FOUND(`There is no dataset ${name}.`, { data: { dataset: name } });
}

/** `ref` is a version id, a number, or `latest`. @throws DATA_DATASET_NOT_FOUND, DATA_VERSION_NOT_FOUND */
export async function getVersion(deps: ReadDeps, name: string, ref: string | number): Promise<DatasetVersion> {
  const dataset = await getDataset(deps, name);
  const found = await lookUp(deps, dataset, String(ref));
  if (found !== undefined && found.dataset === name) return found;
  throw dataErrors.DATA_VERSION_NOT_FOUND(`Dataset ${name} has no version ${ref}.`, {
    data: { dataset: name, version: String(ref) },
  });
}

async function lookUp({ db, store }: ReadDeps, dataset: Dataset, ref: string): Promise<DatasetVersion | undefined> {
  if (ref === 'latest') {
    return dataset.latestVersionId === null ? undefined : store.version(db, dataset.latestVersionId);
  }
  if (/^\d{1,9}$/.test(ref)) return store.versionByNumber(db, dataset.name, Number(ref));
  return store.version(db, ref);
}

/** @throws DATA_VERSION_NOT_FOUND */
export async function getVersionById({ db, store }: ReadDeps, id: string): Promise<DatasetVersion> {
  const version = await store.version(db, id);
  if (version !== undefined) return version;
  throw dataErrors.DATA_VERSION_NOT_FOUND(`There is no dataset version ${id}.`, { data: { version: id } });
}

/** @throws DATA_DELIVERY_NOT_FOUND */
export async function getDelivery({ db, store }: ReadDeps, id: string): Promise<Delivery> {
  const delivery = await store.delivery(db, id);
  if (delivery !== undefined) return delivery;
  throw dataErrors.DATA_DELIVERY_NOT_FOUND(`There is no delivery ${id}.`, { data: { delivery: id } });
}

/** @throws DATA_SPLIT_NOT_FOUND */
export async function getSplit({ db, store }: ReadDeps, id: string): Promise<Split> {
  const split = await store.split(db, id);
  if (split !== undefined) return split;
  throw dataErrors.DATA_SPLIT_NOT_FOUND(`There is no split ${id}.`, { data: { split: id } });
}
