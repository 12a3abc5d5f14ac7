import { isFairleadError } from '@fairlead/kernel';
import type { ObjectStore } from '../../platform/objects/index.js';
import { guessFormat } from './acquire-source.js';
import { formatOf } from './contract-rules.js';
import type { DataDeps } from './data-deps.js';
import type { Delivery, RejudgedVersion, VersionFile, WorkOptions } from './data-types.js';
import { contractDigest, digestOf } from './digests.js';
import { getDataset, getDelivery, getVersionById } from './find-data.js';
import { judgeSource } from './judge-source.js';
import { manifestOf } from './version-manifest.js';

/**
 * Judges the last delivery of a version once more, from the bytes that were kept of it, under the contract as it is now.
 * Records nothing: no delivery, no version, no event.
 *
 * @throws DATA_VERSION_NOT_FOUND, and what judging a source throws
 */
export async function rejudgeVersion(
  deps: DataDeps,
  { versionId, where }: { versionId: string; where?: string | undefined },
  options: WorkOptions,
): Promise<RejudgedVersion> {
  const version = await getVersionById(deps, versionId);
  const [dataset, delivery] = await Promise.all([
    getDataset(deps, version.dataset),
    getDelivery(deps, (version.files.at(-1) as VersionFile).deliveryId),
  ]);
  const damaged = await damagedFiles(deps.objects, delivery);
  if (damaged.length > 0) return { versionId: null, changed: damaged };
  const { spec, inferredColumns } = dataset;
  const declared = delivery.source === spec.source.path ? spec.source.format : undefined;
  const [first] = delivery.sourceFiles;
  const format = declared ?? formatOf(first?.name ?? '') ?? (await guessFormat(deps.objects, first?.digest ?? ''));
  const before = version.files.slice(0, -1);
  const parent =
    version.parentId === null ? null : { digests: before.map(({ digest }) => digest), columns: version.columns };
  const source = { files: delivery.sourceFiles, format };
  const columns = spec.source.columns ?? inferredColumns;
  const {
    contract,
    file,
    columns: own,
    rejectedRows,
  } = await judgeSource(deps, { source, spec, columns, where, parent }, options);
  const now = contractDigest(contract);
  const changed =
    now === version.contractDigest
      ? []
      : [`contract of ${version.dataset}: ${version.contractDigest.slice(0, 12)} → ${now.slice(0, 12)}`];
  if (file === null)
    return { versionId: null, changed: [...changed, `the delivery would be refused: ${rejectedRows} rows`] };
  const { label, time, entity } = contract;
  const facts = { label, time, entity, columns: own, contractDigest: now, files: [...before, file] };
  return {
    versionId: digestOf(manifestOf({ ...facts, dataset: version.dataset, parentId: version.parentId })),
    changed,
  };
}

/** In words, the files of a delivery whose kept bytes are gone or not what came. */
async function damagedFiles(objects: ObjectStore, { sourceFiles }: Delivery): Promise<string[]> {
  const told: string[] = [];
  for (const { name, digest } of sourceFiles) {
    try {
      await objects.verify(digest);
    } catch (error) {
      if (!isFairleadError(error) || (error.code !== 'OBJ_NOT_FOUND' && error.code !== 'OBJ_CORRUPT')) throw error;
      const state = error.code === 'OBJ_CORRUPT' ? 'are not those that came' : 'are no longer kept';
      told.push(`source: the bytes of ${name} (${digest.slice(0, 12)}) ${state}`);
    }
  }
  return told;
}
