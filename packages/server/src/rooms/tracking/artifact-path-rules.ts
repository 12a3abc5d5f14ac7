// Below the largest key that an index of PostgreSQL takes (2,704 bytes), and below the longest parameter of an address.
const MAX_PATH_BYTES = 2000;
const MAX_SEGMENT = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\\\p{Cs}]/u;
// What somebody who decodes once more must not find. Other control characters lead nowhere, and clients write names such as
// `step%1%timestamp%1795`, in which `%17` happens to spell one.
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
const LEADING_OUT = /[\u0000\\]/;
const DRIVE = /^[A-Za-z]:/;
const DRIVE_ALONE = /^[A-Za-z]:$/;
const ESCAPES = /(?:%[0-9a-f]{2})+/gi;
// Bytes that UTF-8 never needs: they spell a dot or a slash for decoders that do not look closely.
const OVERLONG = /%c[01]|%e0%[89]|%f0%8/i;

/**
 * The one judge of paths: what it accepts is a relative path of plain names. Says what is wrong in words, or null.
 *
 * `path` is a name as the transport delivered it: HTTP's percent-encoding is taken off once, by the router, and never again,
 * because `100%25.txt` is a legal name of a file and not the file `100%.txt`. But somebody else may take off another layer
 * (a proxy, a client that writes what it lists), so every further decoding, down to the last, is judged as well, and so is
 * the spelling in which look-alikes of dots and slashes become real ones. Paths are keys of a table, never file names here.
 *
 * @example
 * artifactPathProblem('plots/100% größe: 1.png'); // null
 * artifactPathProblem('a/%252e%252e/b'); // 'decoded further, it has the part ".."'
 */
export function artifactPathProblem(path: string): string | null {
  const problem = nameProblem(path);
  if (problem !== null) return problem;
  let form = path;
  for (let next = decodeOnce(form); next !== form; next = decodeOnce(form)) {
    if (OVERLONG.test(form)) return 'it hides a character in an overlong encoding';
    form = next;
    const hidden = escapeProblem(form, LEADING_OUT) ?? lookAlikeProblem(form);
    if (hidden !== null) return `decoded further, ${hidden}`;
  }
  return lookAlikeProblem(path);
}

/**
 * A path as it is kept: canonically equal spellings (é as one character, or e with an accent) are one path, in the composed
 * form (NFC); case distinguishes. Judge it first with {@link artifactPathProblem}.
 */
export function canonicalPath(path: string): string {
  return path.normalize('NFC');
}

/** Every folder above a path: `a/b/c` gives `a` and `a/b`. */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

const SCHEME = 'artifacts:/';

/** `artifacts:/P` gives `P`, the path below the root of all; undefined for any other address. Judge the path before use. */
export function treePathOf(address: string): string | undefined {
  return address.startsWith(SCHEME) ? address.slice(SCHEME.length) : undefined;
}

/** The address of a path below the root of all. */
export function treeAddressOf(path: string): string {
  return `${SCHEME}${path}`;
}

/**
 * What is wrong with an address `artifacts:/PATH` that a client names as a source or a root, in words; null when it can be
 * used as it is. An address has no query, fragment or parameters: where one decoder sees them and another does not, the
 * judged path and the used one would differ.
 */
export function treeAddressProblem(address: string): string | null {
  const path = treePathOf(address);
  if (path === undefined) return `it does not begin with ${SCHEME}`;
  let form = path;
  for (let next = decodeOnce(form); next !== form; next = decodeOnce(form)) form = next;
  if (/[#?;]/.test(form)) return 'it has "#", "?" or ";"';
  return artifactPathProblem(path);
}

function nameProblem(path: string): string | null {
  if (path.length === 0) return 'it is empty';
  const bytes = utf8Length(path);
  if (bytes > MAX_PATH_BYTES) return `it has ${bytes} bytes, at most ${MAX_PATH_BYTES} are allowed`;
  const hidden = escapeProblem(path);
  if (hidden !== null) return hidden;
  for (const segment of path.split('/')) {
    if (segment.length > MAX_SEGMENT)
      return `a part has ${segment.length} characters, at most ${MAX_SEGMENT} are allowed`;
    if (segment !== segment.trim()) return 'a part begins or ends with white space';
  }
  return null;
}

/** What would lead out of the folder that a path is in. */
function escapeProblem(path: string, forbidden = FORBIDDEN): string | null {
  if (forbidden.test(path)) return 'it has a backslash or a control character';
  if (path.startsWith('/')) return 'it is absolute';
  if (DRIVE.test(path)) return 'it begins with a drive letter';
  for (const segment of path.split('/')) {
    if (segment === '') return 'it has an empty part';
    if (segment === '.' || segment === '..') return `it has the part "${segment}"`;
    if (DRIVE_ALONE.test(segment)) return 'a part is a drive letter';
  }
  return null;
}

function lookAlikeProblem(path: string): string | null {
  const plain = path.normalize('NFKC');
  if (plain === path.normalize('NFC')) return null;
  const [first = '', ...rest] = plain.split(/[\\/]/);
  const leads = first === '' || DRIVE.test(first) || [first, ...rest].some((part) => part === '.' || part === '..');
  return leads ? 'it has look-alikes of "..", of a leading "/" or of a drive' : null;
}

/** One layer of percent-encoding less; what is no UTF-8 is read as Latin-1, so that nothing stays hidden. */
function decodeOnce(path: string): string {
  return path.replace(ESCAPES, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    }
  });
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
