import { createHash } from 'node:crypto';
import { canonicalJson } from '@fairlead/kernel';
import { readLockfiles } from '../tracking/index.js';
import { type CacheComponents, explainDifference } from './cache-rules.js';
import { closureOfCommand, closureOfModule } from './code-closure.js';
import type { Room } from './pipelines-deps.js';
import type { CacheEntry } from './pipelines-store.js';
import type { PreparedStep } from './prepare-step.js';

/** The key of a step's result: sha256 over the canonical JSON of its components, after the word `v1`. */
function cacheKeyOf(components: CacheComponents): string {
  return createHash('sha256')
    .update(`v1\n${canonicalJson(components)}`)
    .digest('hex');
}

/** Reads everything that decides the result of a step. Throws PIP_CODE_MISSING. */
export async function readComponents(room: Room, step: PreparedStep): Promise<CacheComponents> {
  const { spec, params, inputs, projectFolder, seed } = step;
  const digests = Object.entries(inputs).map(([name, ref]) => [name, `${ref.kind}:${ref.digest}`] as const);
  const common = {
    version: 1 as const,
    params,
    inputs: Object.fromEntries(digests),
    seed,
    salt: spec.cacheSalt ?? '',
    env: {},
    outputs: {},
    lock: {},
  };
  if ('uses' in spec) {
    const version = room.handlers.get(spec.uses)?.version ?? '';
    return { ...common, kind: 'uses', what: spec.uses, code: { [spec.uses]: version, fairlead: room.version } };
  }
  const lock = Object.fromEntries((await readLockfiles(projectFolder)).map(({ name, digest }) => [name, digest]));
  if ('function' in spec) {
    const code = await closureOfModule(projectFolder, spec.function.split('#')[0] ?? '');
    return { ...common, kind: 'function', what: spec.function, code, lock };
  }
  return {
    ...common,
    kind: 'run',
    // As resolved: a parameter that appears in an argument or variable is one that this step uses.
    what: step.argv,
    code: await closureOfCommand(projectFolder, step.argv, spec.code ?? []),
    lock,
    env: step.env,
    outputs: spec.outputs ?? {},
  };
}

export type CacheLook =
  | { readonly hit: CacheEntry }
  | { readonly why: readonly string[]; readonly store: { key: string; components: CacheComponents } | null };

/** Looks for a former result, or says in words why there is none to use. */
export async function lookInCache(room: Room, step: PreparedStep): Promise<CacheLook> {
  if (step.spec.cache === false || step.cacheMode === 'off') return { why: ['cache off'], store: null };
  if ('uses' in step.spec && room.handlers.get(step.spec.uses)?.cacheable !== true) {
    return { why: [`cache off: ${step.spec.uses} acts outside its result`], store: null };
  }
  const components = await readComponents(room, step);
  const key = cacheKeyOf(components);
  const store = { key, components };
  if (step.cacheMode === 'refresh') return { why: ['refresh asked for'], store };
  const hit = await room.store.cached(room.db, key);
  if (hit !== undefined) {
    return (await isComplete(room, hit)) ? { hit } : { why: ['the stored result is gone'], store };
  }
  const last = await room.store.lastSuccess(room.db, step.pipeline, step.name);
  if (last === undefined) return { why: ['first run of this step'], store };
  return { why: explainDifference(last.components, components), store };
}

/** Files may have been removed from the object store since; other results are checked by the rooms that own them. */
async function isComplete({ objects }: Room, { outputs }: CacheEntry): Promise<boolean> {
  for (const { kind, digest } of Object.values(outputs)) {
    if (kind === 'file' && !(await objects.has(digest))) return false;
  }
  return true;
}
