import type { ObjectStore } from '../platform/objects/index.js';
import type { DataService } from '../rooms/data/index.js';
import type { ArtifactRef } from '../rooms/pipelines/index.js';

/** Local files behind what a command step gets as input: '' is the whole, other keys are its parts. */
export async function materialise(
  { data, objects }: { data: Pick<DataService, 'versionById' | 'splitById'>; objects: ObjectStore },
  ref: ArtifactRef,
): Promise<Record<string, string>> {
  if (ref.kind === 'split') {
    const split = await data.splitById(ref.id);
    const parts = split.parts.map(async (part) => [part.name, await objects.localPath(part.fileDigest)] as const);
    return Object.fromEntries(await Promise.all(parts));
  }
  if (ref.kind === 'dataset-version') {
    const version = await data.versionById(ref.id);
    const files = version.files.map(async (file, i) => [`file${i + 1}`, await objects.localPath(file.digest)] as const);
    return Object.fromEntries(await Promise.all(files));
  }
  if (ref.kind === 'model') return { '': await objects.localPath(ref.digest) };
  return {};
}
