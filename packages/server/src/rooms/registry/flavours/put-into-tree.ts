import { systemActor } from '@fairlead/kernel';
import type { RegistryDeps } from '../registry-deps.js';
import type { StoredVersion } from '../registry-store.js';
import { pathOf } from './read-content.js';
import { writeMlModel } from './write-mlmodel-rules.js';

/**
 * The folder where clients read the files of a version. A version that was packaged here has its files in the object store;
 * they are linked into the tree when somebody first asks, with an MLmodel file, so that a library in Python can load them.
 */
export async function putIntoTree(
  { files, objects }: Pick<RegistryDeps, 'files' | 'objects'>,
  version: StoredVersion,
): Promise<string> {
  const { filesRoot, package: content } = version;
  const folder = pathOf(filesRoot);
  const isOurs = content !== null && folder === `registry/${version.id}`;
  if (!isOurs || (await files.file(`${folder}/MLmodel`)) !== undefined) return filesRoot;
  const context = { actor: systemActor };
  for (const { path, digest } of content.files) await files.linkFile(context, `${folder}/${path}`, digest);
  // Last: where it stands, everything is there.
  const { digest } = await objects.putBytes(new TextEncoder().encode(writeMlModel(version)));
  await files.linkFile(context, `${folder}/MLmodel`, digest);
  return filesRoot;
}
