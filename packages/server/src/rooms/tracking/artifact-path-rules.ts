const MAX_PATH = 1024;
const MAX_SEGMENT = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const FORBIDDEN = /[\u0000-\u001f\u007f\\\p{Cs}]/u;

/**
 * The one judge of artifact paths: what it accepts is a relative path of plain names. Says what is wrong in words, or null.
 * Paths are keys of a table, never file names here; the rule protects the clients that download into a folder.
 */
export function artifactPathProblem(path: string): string | null {
  if (path.length === 0) return 'it is empty';
  if (path.length > MAX_PATH) return `it has ${path.length} characters, at most ${MAX_PATH} are allowed`;
  if (FORBIDDEN.test(path)) return 'it has a backslash or a control character';
  if (path.startsWith('/')) return 'it is absolute';
  if (/^[A-Za-z]:/.test(path)) return 'it begins with a drive letter';
  for (const segment of path.split('/')) {
    if (segment === '') return 'it has an empty part';
    if (/^\.+$/.test(segment)) return `it has the part "${segment}"`;
    if (segment.length > MAX_SEGMENT)
      return `a part has ${segment.length} characters, at most ${MAX_SEGMENT} are allowed`;
    if (segment !== segment.trim()) return 'a part begins or ends with white space';
  }
  return null;
}

/** Every folder above a path: `a/b/c` gives `a` and `a/b`. */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
