import type { TreeEntry } from '../../rooms/tracking/index.js';
import { showArtifactRoot, storeArtifactRoot } from './artifact-root.js';
import { type Call, defineCall } from './define-call.js';
import type { Fields } from './read-fields.js';
import { readRunId } from './read-run.js';
import { unlessEmpty } from './wire.js';

/** Calls that list the files of runs and logged models. */
export const artifactCalls: readonly Call[] = [
  defineCall({
    methods: ['GET'],
    path: 'artifacts/list',
    may: 'artifact:read',
    parse: (fields) => ({ runId: readRunId(fields), path: readFolder(fields, 'path') }),
    run: async ({ rooms: { tracking }, request: { runId, path } }) => {
      const { artifactRoot } = await tracking.run(runId);
      return { root: artifactRoot, entries: await tracking.files.listFolder(await tracking.artifactPath(runId, path)) };
    },
    present: presentListing,
  }),
  defineCall({
    methods: ['GET'],
    path: 'logged-models/:model_id/artifacts/directories',
    may: 'artifact:read',
    parse: (fields) => ({
      modelId: fields.neededText('model_id'),
      path: readFolder(fields, 'artifact_directory_path'),
    }),
    run: async ({ rooms: { tracking }, request: { modelId, path } }) => {
      const { artifactRoot } = await tracking.loggedModels.loggedModel(modelId);
      return { root: artifactRoot, entries: await tracking.files.listFolder(pathBelow(artifactRoot, path)) };
    },
    present: presentListing,
  }),
];

/** A folder as clients name it: "" is the root, a slash at the end says nothing. */
export function readFolder(fields: Fields, name: string): string {
  return (fields.text(name) ?? '').replace(/\/$/, '');
}

/** The path in the tree of files below a root `artifacts:/PATH`; roots elsewhere are no paths and are refused as such. */
export function pathBelow(artifactRoot: string, path: string): string {
  const root = storeArtifactRoot(artifactRoot).replace(/^artifacts:\//, '');
  return path === '' ? root : `${root}/${path}`;
}

interface Listing {
  readonly root: string;
  readonly entries: readonly TreeEntry[];
}

/** Paths are told from the root of the run or model. */
function presentListing({ root, entries }: Listing, { path }: { readonly path: string }): object {
  return {
    root_uri: showArtifactRoot(root),
    files: unlessEmpty(entries.map((entry) => presentEntry(entry, path === '' ? '' : `${path}/`))),
  };
}

export function presentEntry({ name, isFolder, sizeBytes }: TreeEntry, prefix = ''): object {
  return { path: `${prefix}${name}`, is_dir: isFolder, file_size: sizeBytes ?? undefined };
}
