import { treeAddressProblem, treePathOf } from '../../tracking/index.js';
import { decodeFully } from './name-rules.js';

/** Where the files of a version are said to be. */
export type Source =
  /** Path in the tree of files. */
  | { readonly kind: 'artifacts'; readonly path: string }
  | { readonly kind: 'copy'; readonly model: string; readonly ref: string }
  | { readonly kind: 'logged-model'; readonly id: string }
  /** No files: what it is stands in its tags, as a prompt does. The word is the client's. */
  | { readonly kind: 'inline'; readonly word: string }
  /** An address that begins with an allowed root: recorded, never fetched. */
  | { readonly kind: 'external'; readonly address: string };

export type JudgedSource = { readonly source: Source } | { readonly problem: string };

const WORD = /^[\w-]{1,64}$/;
const LOGGED_MODEL = /^m-[0-9a-f]{32}$/;

/**
 * Judges a source as it would be used. Everything is looked at decoded to its end, and a source that still changes by
 * decoding is refused: nobody can be sure who reads it in which form.
 */
export function judgeSource(text: string, allowedRoots: readonly string[]): JudgedSource {
  if (text === '') return { problem: 'it is empty' };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme.length === 1) return { problem: 'it is a path on some machine' };
  const rest = text.slice(scheme.length + 1);
  switch (scheme) {
    case 'artifacts':
      return judgePath(text.replace(/\/$/, ''));
    case 'model':
      return judgeCopy(rest);
    case 'inline':
      return WORD.test(rest)
        ? { source: { kind: 'inline', word: rest } }
        : { problem: 'it is not inline: and a word of letters, digits, dashes and underscores' };
    case 'logged-model':
      return LOGGED_MODEL.test(rest)
        ? { source: { kind: 'logged-model', id: rest } }
        : { problem: 'it names no logged model (m- and 32 hex digits)' };
    default:
      return judgeAddress(text, allowedRoots);
  }
}

/** What no address of files needs and attacks do. */
function suspicious(text: string): string | null {
  const decoded = decodeFully(text);
  if (/[\p{Cc}\p{Cs}]/u.test(decoded)) return 'it has a control character';
  if (/[#?;\\]/.test(decoded)) return "it has '#', '?', ';' or a backslash";
  return decoded.split('/').some((part) => part === '..' || part === '.') ? "it has a '.' or '..' as a folder" : null;
}

function judgePath(address: string): JudgedSource {
  const problem = treeAddressProblem(address);
  const path = treePathOf(address);
  return problem === null && path !== undefined
    ? { source: { kind: 'artifacts', path } }
    : { problem: problem ?? 'it is not artifacts:/ and a path' };
}

function judgeCopy(rest: string): JudgedSource {
  const [model, ref, ...more] = rest.split('/');
  if (!model || !ref || more.length > 0) return { problem: 'it is not model: and NAME/VERSION' };
  return { source: { kind: 'copy', model, ref } };
}

function judgeAddress(text: string, allowedRoots: readonly string[]): JudgedSource {
  const problem = suspicious(text);
  if (problem !== null) return { problem };
  if (!allowedRoots.some((root) => isBelow(text, root))) {
    return { problem: 'it does not begin with an address that this server allows (setting modelSourceRoots)' };
  }
  return { source: { kind: 'external', address: text } };
}

/** `s3://models` does not allow `s3://models-of-others`. */
function isBelow(address: string, root: string): boolean {
  const folder = root.replace(/\/+$/, '');
  return address === folder || address.startsWith(`${folder}/`);
}
