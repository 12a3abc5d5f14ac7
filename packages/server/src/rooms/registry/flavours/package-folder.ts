import { putFileSet } from '../../../platform/objects/index.js';
import type { RegistryDeps } from '../registry-deps.js';
import type { StoredVersion } from '../registry-store.js';
import type { MlModel } from './mlmodel-rules.js';
import { withExamples } from './own-examples.js';
import { type Packaged, toPackage } from './package-types.js';
import { planFolder } from './plan-folder.js';
import { pathOf, readText } from './read-content.js';

/** Where MLflow keeps rows that the model answers; the first that is there is read. */
const EXAMPLES = ['serving_input_example.json', 'input_example.json'];
const MAX_EXAMPLE_BYTES = 1024 ** 2;

/**
 * Makes a package of a folder that only a program of the user's can load: its signature is what its MLmodel file says, its digest that of
 * a manifest of all its files. Nothing in it is loaded, unpickled or executed.
 *
 * @throws OBJ_TOO_LARGE
 */
export async function packageFolder(
  { files, objects }: Pick<RegistryDeps, 'files' | 'objects'>,
  version: StoredVersion,
  mlModel: MlModel,
): Promise<Packaged> {
  const plan = planFolder(mlModel);
  if ('problem' in plan) return plan;
  const folder = pathOf(version.filesRoot);
  if (folder === null) return { problem: 'its files are not on this server.' };
  const found = (await files.filesBelow(folder)).map(({ path, digest, sizeBytes }) => {
    return { path: path.slice(folder.length + 1), digest, sizeBytes };
  });
  found.sort((a, b) => (a.path < b.path ? -1 : 1));
  const { digest } = await putFileSet(objects, Object.fromEntries(found.map((file) => [file.path, file.digest])));
  const example = EXAMPLES.find((name) =>
    found.some(({ path, sizeBytes }) => path === name && sizeBytes <= MAX_EXAMPLE_BYTES),
  );
  const signature =
    example === undefined
      ? plan.signature
      : withExamples(plan.signature, await readText(files, `${folder}/${example}`));
  return { package: { ...toPackage(version, signature, found), digest, form: 'folder' } };
}
