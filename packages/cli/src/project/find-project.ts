import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cliErrors } from '../cli-errors.js';

/** Names under which a project file is found, in the order in which they are written about. */
const PROJECT_FILES = [
  'fairlead.yaml',
  'fairlead.yml',
  'fairlead.json',
  'fairlead.config.ts',
  'fairlead.config.mjs',
  'fairlead.config.js',
] as const;

/** The absolute path of the project file: the one named, or the only one in the folder. */
export function findProject(named: string | undefined, cwd: string): string {
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (existsSync(path)) return path;
    throw cliErrors.CLI_PROJECT_NOT_FOUND(`There is no file ${path}.`, { data: { path } });
  }
  const found = PROJECT_FILES.map((name) => join(cwd, name)).filter((path) => existsSync(path));
  const [path] = found;
  if (path === undefined) {
    throw cliErrors.CLI_PROJECT_NOT_FOUND(`${cwd} has no project file (${PROJECT_FILES.join(', ')}).`, {
      data: { folder: cwd, names: PROJECT_FILES },
    });
  }
  if (found.length > 1) throw cliErrors.CLI_PROJECT_AMBIGUOUS(`Found ${found.join(' and ')}.`, { data: { found } });
  return path;
}
