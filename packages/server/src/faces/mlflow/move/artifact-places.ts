import { isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileOwner } from './import-source.js';
import { isPlainName, type LocalFolder } from './local-folder.js';

export interface ArtifactPlace {
  readonly folder: LocalFolder;
  readonly parts: readonly string[];
}

/**
 * Where the files of a run or model are among the folders that may be read. A source can name any path as its artifact root,
 * also one of another machine or of somebody's secrets: only what lies in a folder the caller named is taken. A store that was
 * moved as a whole is found again by the end of the recorded path.
 *
 * Null: the files are somewhere else. A place that does not exist has no files.
 */
export async function findArtifacts(
  folders: readonly LocalFolder[],
  owner: FileOwner,
  base: string,
): Promise<ArtifactPlace | null> {
  const recorded = recordedPath(owner.artifactRoot, base);
  if (recorded === null) return null;
  for (const folder of folders) {
    const parts = recorded.absolute === null ? null : partsWithin(folder.root, recorded.absolute);
    if (parts !== null) return { folder, parts };
  }
  const ends = [...endsOf(recorded.segments, owner)];
  for (const folder of folders) {
    for (const parts of ends) if (await folder.isFolder(parts)) return { folder, parts };
  }
  // The folder of the experiment is here and that of the run is not: the run has no files.
  for (const folder of folders) {
    for (const parts of ends) {
      const above = parts.slice(0, parts.lastIndexOf(owner.id));
      if (above.length > 0 && (await folder.isFolder(above))) return { folder, parts };
    }
  }
  const [folder] = folders;
  return recorded.absolute === null && folder !== undefined ? { folder, parts: recorded.segments } : null;
}

interface RecordedPath {
  readonly absolute: string | null;
  readonly segments: readonly string[];
}

/** Local paths and the addresses of a server's own artifact folder; null for object stores and the like. */
function recordedPath(address: string, base: string): RecordedPath | null {
  const proxied = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(address);
  if (proxied !== null) return { absolute: null, segments: segmentsOf(decoded(proxied[1] ?? '')) };
  const local = localPath(address, base);
  return local === null ? null : { absolute: local, segments: segmentsOf(local) };
}

function localPath(address: string, base: string): string | null {
  if (/^file:\/\//.test(address)) {
    try {
      // Some versions write spaces and umlauts of the path as they are.
      return fileURLToPath(new URL(address).href);
    } catch {
      return null;
    }
  }
  if (/^file:/.test(address)) return resolve(base, address.slice('file:'.length));
  if (/^[a-z][\w+.-]*:/i.test(address)) return null;
  return address === '' ? null : isAbsolute(address) ? address : resolve(base, address);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const segmentsOf = (path: string) => path.split(/[/\\]+/).filter((part) => part !== '' && part !== '.');

function partsWithin(root: string, path: string): string[] | null {
  const below = relative(root, path);
  if (below === '') return [];
  if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) return null;
  return below.split(sep);
}

/** Ends of the recorded path, longest first, that still name the run or model itself. */
function* endsOf(segments: readonly string[], { id }: FileOwner): Generator<readonly string[]> {
  const last = segments.lastIndexOf(id);
  if (last < 0 || !segments.every(isPlainName)) return;
  for (let start = 0; start <= last; start += 1) yield segments.slice(start);
}
