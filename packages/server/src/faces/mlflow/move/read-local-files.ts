import { type ArtifactPlace, findArtifacts } from './artifact-places.js';
import type { FileOwner, SourceFile } from './import-source.js';
import type { LocalFolder } from './local-folder.js';
import type { Tell } from './tell-problem.js';

export interface LocalFilesRequest {
  readonly owner: FileOwner;
  /** Where they are, when that is known beforehand. */
  readonly place?: ArtifactPlace | undefined;
  /** All that may be read. */
  readonly folders: readonly LocalFolder[];
  /** What a relative artifact root is relative to. */
  readonly base: string;
  readonly tell: Tell;
}

/** The files of a run or model in the folders that may be read. */
export async function* readLocalFiles({
  owner,
  place,
  folders,
  base,
  tell,
}: LocalFilesRequest): AsyncGenerator<SourceFile> {
  const found = place ?? (await findArtifacts(folders, owner, base));
  if (found === null) {
    tell.elsewhere(
      `${owner.kind} ${owner.id}`,
      `has its files at ${owner.artifactRoot || 'no known place'}, which is not in a folder to read`,
    );
    return;
  }
  for await (const file of found.folder.walk(found.parts, tell.refused)) {
    yield { path: file.path, sizeBytes: file.sizeBytes, open: () => found.folder.read(file) };
  }
}
