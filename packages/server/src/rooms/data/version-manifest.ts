import type { DatasetVersion } from './data-types.js';

/** What a version is: its digest, as canonical JSON, is the version's id. Nothing in it depends on the home. */
export function manifestOf(
  draft: Pick<DatasetVersion, 'dataset' | 'columns' | 'contractDigest' | 'label' | 'time' | 'entity' | 'parentId'> & {
    readonly files: readonly { readonly digest: string; readonly rows: number }[];
  },
) {
  return {
    format: 'fairlead.dataset-version/1',
    dataset: draft.dataset,
    files: draft.files.map(({ digest, rows }) => ({ digest, rows })),
    columns: draft.columns,
    contract: draft.contractDigest,
    label: draft.label,
    time: draft.time,
    entity: draft.entity,
    parent: draft.parentId,
  };
}
