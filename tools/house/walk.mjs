// @ts-check
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'results', 'coverage', '.git', '.fairlead']);

/**
 * Every file below `root/folder` whose name ends in one of `endings`, as sorted paths relative to `root` with `/`.
 * @param {string} root @param {string} folder @param {string[]} endings @returns {string[]}
 */
export function walk(root, folder, endings) {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  /** @type {string[]} */
  const found = [];
  for (const entry of readdirSync(start, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name)) found.push(...walk(root, path, endings));
    } else if (endings.some((ending) => entry.name.endsWith(ending))) {
      found.push(path);
    }
  }
  return found.sort();
}
