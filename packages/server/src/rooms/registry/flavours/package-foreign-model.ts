import { adaptOnnx, probeModel, readOnnxGraph, withOnnxMetadata } from '../../../platform/inference/index.js';
import { type ModelSignature, readPackage } from '../../training/index.js';
import type { RegistryDeps } from '../registry-deps.js';
import type { Package, StoredVersion } from '../registry-store.js';
import type { ModelFile } from '../registry-types.js';
import { checkAdapted } from './check-adapted.js';
import { planPackage } from './plan-package.js';
import { readContent } from './read-content.js';

export type Packaged = { readonly package: Package } | { readonly problem: string };

/** Larger files are no single protobuf message, so no ONNX file either. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Makes a package of ours out of an ONNX model that came from elsewhere: named columns in, label and probabilities or a number
 * out. Its nodes and weights stay as they are; what is put around them only joins columns and renames. The file is first
 * opened in a process of its own, and the package must give the very same numbers.
 */
export async function packageForeignModel(deps: RegistryDeps, version: StoredVersion): Promise<Packaged> {
  const content = await readContent(deps.files, version.filesRoot);
  if (content.onnxPath === null) return { problem: content.problem ?? 'it has no ONNX file.' };
  const file = await deps.files.file(content.onnxPath);
  if (file === undefined) return { problem: `its ONNX file ${content.onnxPath} is not there.` };
  const { digest, sizeBytes } = file;
  if (sizeBytes > MAX_BYTES) return { problem: `its ONNX file has ${sizeBytes} bytes.` };
  const path = await deps.objects.localPath(digest);
  const description = await probeModel(path, { expectedDigest: digest });
  const { bytes, signature: own } = await readPackage(path);
  if (own !== null) return { package: toPackage(version, own, [{ path: 'model.onnx', digest, sizeBytes }]) };
  const plan = planPackage({ description, graph: readOnnxGraph(bytes), mlModel: content.mlModel });
  if ('problem' in plan) return plan;
  const adapted = withOnnxMetadata(adaptOnnx(bytes, plan.adapter), {
    'fairlead.signature': JSON.stringify(plan.signature),
    'fairlead.adapted-from': digest,
  });
  const ref = await deps.objects.putBytes(adapted);
  const problem = await checkAdapted({ original: path, adapted: await deps.objects.localPath(ref.digest) }, plan);
  if (problem !== null) return { problem };
  const original = { path: 'original/model.onnx', digest, sizeBytes };
  return { package: toPackage(version, plan.signature, [{ path: 'model.onnx', ...ref }, original]) };
}

function toPackage({ runId }: StoredVersion, signature: ModelSignature, files: readonly ModelFile[]): Package {
  const nothing = { pipelineRunId: null, splitId: null, datasetVersionId: null, trainPart: null, trainer: null };
  return {
    digest: files[0]?.digest ?? '',
    files,
    signature,
    parity: null,
    source: { ...nothing, trackingRunId: runId, params: {} },
    reportDigest: null,
    profileDigest: null,
  };
}
