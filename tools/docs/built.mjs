// @ts-check
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { walk } from '../house/walk.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Imports the built form of a TypeScript source, so that documents describe what ships.
 * @param {string} source such as `packages/kernel/src/errors.ts`
 * @returns {Promise<Record<string, unknown>>}
 * @throws when it has not been built, or was changed after it was built
 */
export async function importBuilt(source) {
  const built = join(root, source.replace(/^(packages\/[^/]+)\/src\//, '$1/dist/').replace(/\.ts$/, '.js'));
  if (!existsSync(built)) throw new Error(`${source} is not built: run \`npm run build\``);
  if (statSync(built).mtimeMs < statSync(join(root, source)).mtimeMs) {
    // tsc -b leaves the output's time alone when its text does not change, so this is a hint, not a fault.
    console.warn(`note: ${source} is newer than its build`);
  }
  return import(pathToFileURL(built).href);
}

/**
 * Imports the built form of every source that matches, with the values each exports.
 * @param {RegExp} sources
 * @returns {Promise<{source: string, values: unknown[]}[]>}
 */
export async function importAllBuilt(sources) {
  const paths = walk(root, 'packages', ['.ts']).filter((path) => path.includes('/src/') && sources.test(path));
  return Promise.all(paths.map(async (source) => ({ source, values: Object.values(await importBuilt(source)) })));
}
