import { artifactPathProblem, treeAddressProblem, treePathOf } from './artifact-path-rules.js';

const MAX_ROOT = 2048;

/**
 * What is wrong with the place where an experiment wants its files, in words; null when it is fine. Either this server keeps
 * them (`artifacts:/PATH`), or the address lies below one that the administrator allows: by default nothing else, because
 * whoever may name a place may read it.
 */
export function artifactRootProblem(root: string, allowed: readonly string[]): string | null {
  if (root.length > MAX_ROOT) return `it has ${root.length} characters, at most ${MAX_ROOT} are allowed`;
  const trimmed = root.replace(/\/+$/, '');
  if (treePathOf(trimmed) !== undefined) return treeAddressProblem(trimmed);
  const above = allowed.map((one) => one.replace(/\/+$/, '')).find((one) => one !== '' && trimmed.startsWith(one));
  if (above === undefined) return 'it lies below none of the allowed roots';
  const rest = trimmed.slice(above.length);
  if (rest === '') return null;
  if (!rest.startsWith('/')) return 'it lies below none of the allowed roots';
  if (/[%?#;]/.test(rest)) return 'it has one of % ? # ;';
  return artifactPathProblem(rest.slice(1));
}
