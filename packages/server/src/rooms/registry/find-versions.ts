import type { Subject } from '@fairlead/kernel';
import type { Reader } from '../../platform/db/index.js';
import type { VersionRecord } from './catalogue/catalogue-types.js';
import { registryErrors } from './registry-errors.js';
import { parseVersionRef, versionBehind } from './registry-rules.js';
import type { RegistryStore, StoredModel, StoredVersion } from './registry-store.js';
import type { ModelVersion } from './registry-types.js';

/** @throws REG_MODEL_NOT_FOUND */
export async function findModel(store: RegistryStore, reader: Reader, name: string): Promise<StoredModel> {
  const found = await store.model(reader, name);
  if (found !== undefined) return found;
  throw registryErrors.REG_MODEL_NOT_FOUND(`There is no model named '${name}'.`, { data: { name } });
}

/** A version that is not deleted, by number, alias or `latest`. @throws REG_MODEL_NOT_FOUND, REG_VERSION_NOT_FOUND */
export async function findVersion(
  store: RegistryStore,
  reader: Reader,
  name: string,
  ref: string | number,
): Promise<StoredVersion> {
  const { id, aliases, latestVersion } = await findModel(store, reader, name);
  const parsed = parseVersionRef(ref);
  const number =
    parsed.kind === 'number'
      ? parsed.version
      : parsed.kind === 'latest'
        ? latestVersion
        : versionBehind(aliases, parsed.alias);
  const found = number == null ? undefined : await store.version(reader, id, number);
  if (found !== undefined && found.deletedAtMs === null) return found;
  throw registryErrors.REG_VERSION_NOT_FOUND(`The model '${name}' has no version '${ref}'.`, {
    data: { name, ref, latestVersion, aliases },
  });
}

export function subjectOf({ model, version }: Pick<ModelVersion, 'model' | 'version'>): Subject {
  return { kind: 'model-version', id: `${model}/${version}` };
}

/** The packaged model of a version. @throws REG_NOT_SERVABLE, REG_NOT_EXAMINED */
export function requirePackage(version: StoredVersion): ModelVersion {
  const packaged = packageOf(version);
  if (packaged !== null) return packaged;
  const { model, version: number, servable, notServable, flavours } = version;
  const data = { model, version: number, flavours, reason: notServable };
  if (servable === 'pending') {
    throw registryErrors.REG_NOT_EXAMINED(`Whether version ${number} of '${model}' can be served is not known yet.`, {
      data,
    });
  }
  throw registryErrors.REG_NOT_SERVABLE(`Version ${number} of '${model}' cannot be served: ${notServable}`, { data });
}

export function packageOf(stored: StoredVersion): ModelVersion | null {
  const { model, version, package: content, tags, createdAtMs, createdBy } = stored;
  return content === null ? null : { model, version, ...content, tags, createdAtMs, createdBy };
}

export function recordOf(stored: StoredVersion): VersionRecord {
  const { id: _id, modelId: _modelId, package: _package, deletedAtMs, ...facts } = stored;
  return { ...facts, lifecycle: deletedAtMs === null ? 'active' : 'deleted', packaged: packageOf(stored) };
}
