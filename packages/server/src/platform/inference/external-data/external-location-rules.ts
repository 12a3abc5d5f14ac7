const MAX_LENGTH = 1_000;

/**
 * The path of a side file below the folder of its model, without `.` as a part; or what is wrong with it, in words. The text
 * comes from a model file, so from anybody.
 */
export function judgeLocation(location: string): { readonly path: string } | { readonly problem: string } {
  if (location === '') return { problem: 'it names no file' };
  if (location.length > MAX_LENGTH)
    return { problem: `its path has ${location.length} characters, at most ${MAX_LENGTH}` };
  if (/[\p{Cc}\p{Cs}]/u.test(location)) return { problem: 'its path has a control character' };
  if (location.includes('\\')) return { problem: 'its path has a backslash' };
  if (location.startsWith('/') || /^[a-z][a-z0-9+.-]*:/i.test(location)) return { problem: 'its path is absolute' };
  const parts = location.split('/').filter((part) => part !== '.');
  if (parts.includes('..')) return { problem: "its path leads out of the model's folder" };
  if (parts.length === 0 || parts.includes('')) return { problem: 'its path has an empty part' };
  return { path: parts.join('/').normalize('NFC') };
}
