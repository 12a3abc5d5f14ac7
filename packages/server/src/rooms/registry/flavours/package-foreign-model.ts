import { adaptOnnx, probeModel, readOnnxGraph, withOnnxMetadata } from '../../../platform/inference/index.js';
import { readPackage } from '../../training/index.js';
import type { RegistryDeps } from '../registry-deps.js';
import type { StoredVersion } from '../registry-store.js';
import { checkAdapted } from './check-adapted.js';
import { foldSideFiles } from './fold-side-files.js';
import { packageFolder } from './package-folder.js';
import { type Packaged, toPackage } from './package-types.js';
import { planPackage } from './plan-package.js';
import { readContent } from './read-content.js';

/**
 * Makes a package of ours out of an ONNX model that came from elsewhere: named columns in, label and probabilities or a number
 * out. Its nodes and weights stay as they are; what is put around them only joins columns and renames. Side files are folded
 * into it before. The file is first opened in a process of its own, and the package must give the very same numbers.
 */
export async function packageForeignModel(deps: RegistryDeps, version: StoredVersion): Promise<Packaged> {
  const content = await readContent(deps.files, version.filesRoot);
  if (content.problem !== null) return { problem: content.problem };
  if (content.onnxPath === null) return packageFolder(deps, version, content.mlModel);
  const { file, originals, metadata } = await foldSideFiles(deps, content.onnxPath);
  const { digest, sizeBytes } = file;
  const path = await deps.objects.localPath(digest);
  const description = await probeModel(path, { expectedDigest: digest });
  const { bytes, signature: own } = await readPackage(path);
  if (own !== null)
    return { package: toPackage(version, own, [{ path: 'model.onnx', digest, sizeBytes }, ...originals]) };
  const plan = planPackage({ description, graph: readOnnxGraph(bytes), mlModel: content.mlModel });
  if ('problem' in plan) return plan;
  const adapted = withOnnxMetadata(adaptOnnx(bytes, plan.adapter), {
    'fairlead.signature': JSON.stringify(plan.signature),
    'fairlead.adapted-from': digest,
    ...metadata,
  });
  const ref = await deps.objects.putBytes(adapted);
  const problem = await checkAdapted({ original: path, adapted: await deps.objects.localPath(ref.digest) }, plan);
  if (problem !== null) return { problem };
  const uploaded = originals.length > 0 ? originals : [{ path: 'original/model.onnx', digest, sizeBytes }];
  return { package: toPackage(version, plan.signature, [{ path: 'model.onnx', ...ref }, ...uploaded]) };
}
