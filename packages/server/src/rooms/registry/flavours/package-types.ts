import type { ModelSignature } from '../../training/index.js';
import type { Package, StoredVersion } from '../registry-store.js';
import type { ModelFile } from '../registry-types.js';

export type Packaged = { readonly package: Package } | { readonly problem: string };

/** A package of what was made elsewhere: what nobody knows of it is null. The first file says its digest. */
export function toPackage({ runId }: StoredVersion, signature: ModelSignature, files: readonly ModelFile[]): Package {
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
