import type { Reader } from '../../../platform/db/index.js';
import type { ReleaseDeps } from '../release-deps.js';
import { releaseErrors } from '../release-errors.js';
import { BUILT_IN } from './environment-rules.js';
import type { Environment } from './environment-types.js';

type Place = { readonly db: Reader; readonly store: ReleaseDeps['store'] };

export async function listEnvironments({ db, store }: Place): Promise<Environment[]> {
  const declared = await store.environments(db);
  const builtIn = BUILT_IN.filter(({ name }) => !declared.some((one) => one.name === name));
  return [...builtIn, ...declared];
}

/** @throws REL_ENVIRONMENT_NOT_FOUND */
export async function loadEnvironment({ db, store }: Place, name: string): Promise<Environment> {
  const found = (await store.environment(db, name)) ?? BUILT_IN.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw releaseErrors.REL_ENVIRONMENT_NOT_FOUND(`There is no environment '${name.slice(0, 100)}'.`, {
    data: { environment: name.slice(0, 100) },
  });
}
