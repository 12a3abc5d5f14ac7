import type { ChangeContext, Reader, Tx } from '../../../platform/db/index.js';
import type { RegistryDeps } from '../registry-deps.js';
import { modelImported } from '../registry-events.js';
import type { StoredModel } from '../registry-store.js';
import { nextModel } from './change-model.js';
import { compareVersion, lackingTags, repeatedVersion } from './import-rules.js';
import type { ImportedModel, ModelImports, ModelImportVerdict } from './import-types.js';
import { insertImported, type PreparedVersion, prepareVersion } from './import-version.js';
import { modelNameProblem } from './name-rules.js';
import { tagsProblem, textProblem } from './tag-rules.js';

export function createModelImports(deps: RegistryDeps): ModelImports {
  return { importModel: (context, model, { check }) => importModel(deps, context, { model, check }) };
}

async function importModel(
  deps: RegistryDeps,
  context: ChangeContext,
  { model, check }: { model: ImportedModel; check: boolean },
): Promise<ModelImportVerdict> {
  const { db, store } = deps;
  const problem =
    modelNameProblem(model.name) ??
    tagsProblem(model.tags) ??
    textProblem('description', model.description) ??
    repeatedVersion(model.versions);
  if (problem !== null) return refusal(model, problem);
  const here = await store.model(db, model.name);
  const known = new Set(
    (here === undefined ? [] : await store.versionsEver(db, here.id)).map(({ version }) => version),
  );
  // Files are looked at outside the transaction, which would keep every other writer waiting.
  const prepared = new Map<number, PreparedVersion>();
  for (const version of check ? [] : model.versions) {
    if (!known.has(version.version)) prepared.set(version.version, await prepareVersion(deps, version));
  }
  return db.transact(context, async (tx) => {
    const stored = await store.model(tx, model.name);
    if (stored === undefined && check) return { outcome: 'absent', problems: [], versions: [] };
    const opened = stored ?? (await open(deps, tx, { model, by: context.actor.id }));
    if (opened === undefined)
      return refusal(model, `it cannot be told from '${await store.nameOfSameKey(tx, model.name)}'`);
    const versions = await importVersions(deps, tx, { model, prepared, stored: opened, by: context.actor.id, check });
    const problems = await compareModel(deps, tx, { model, stored: opened, by: context.actor.id, check });
    const made = versions.filter(({ outcome }) => outcome === 'made').map(({ version }) => version);
    if (!check && (stored === undefined || made.length > 0)) {
      await store.changeModel(tx, opened.id, { atMs: model.updatedAtMs ?? deps.clock.nowMs() });
      tx.record(modelImported.of({ kind: 'model', id: model.name }, { model: model.name, versions: made }));
    }
    return { outcome: stored === undefined ? 'made' : 'found', problems, versions };
  });
}

function refusal({ versions }: ImportedModel, problem: string): ModelImportVerdict {
  return {
    outcome: 'refused',
    problems: [problem],
    versions: versions.map(({ version }) => ({ version, outcome: 'refused', problems: ['its model is not here'] })),
  };
}

/** Undefined when an active model has a name that cannot be told from this one. */
async function open(
  { store, clock }: RegistryDeps,
  tx: Tx & Reader,
  { model, by }: { model: ImportedModel; by: string },
): Promise<StoredModel | undefined> {
  const { name, description, tags, createdAtMs } = model;
  const fresh = { ...(await nextModel(store, tx, { name, description, tags })), by };
  return (await store.insertModel(tx, { ...fresh, atMs: createdAtMs ?? clock.nowMs() }))
    ? store.model(tx, name)
    : undefined;
}

interface Import {
  readonly model: ImportedModel;
  readonly stored: StoredModel;
  readonly by: string;
  readonly check: boolean;
}

async function importVersions(
  deps: RegistryDeps,
  tx: Tx & Reader,
  { model, stored, prepared, by, check }: Import & { prepared: ReadonlyMap<number, PreparedVersion> },
): Promise<ModelImportVerdict['versions'][number][]> {
  const { store } = deps;
  const verdicts: ModelImportVerdict['versions'][number][] = [];
  const here = new Map((await store.versionsEver(tx, stored.id)).map((version) => [version.version, version]));
  for (const record of model.versions) {
    const { version } = record;
    const known = here.get(version);
    const ready = prepared.get(version);
    if (known !== undefined) verdicts.push({ version, outcome: 'found', problems: compareVersion(record, known) });
    else if (check || ready === undefined) verdicts.push({ version, outcome: 'absent', problems: [] });
    else if ('problem' in ready) verdicts.push({ version, outcome: 'refused', problems: [ready.problem] });
    else {
      await insertImported(deps, tx, { record, ready, modelId: stored.id, by });
      verdicts.push({ version, outcome: 'made', problems: [] });
    }
  }
  const highest = Math.max(0, ...model.versions.map(({ version }) => version));
  if (!check) await store.reserveVersionNumbers(tx, stored.id, highest);
  return verdicts;
}

/** Tags and aliases that are missing are added; what stands here otherwise is told. */
async function compareModel(
  { store, clock }: RegistryDeps,
  tx: Tx & Reader,
  { model, stored, by, check }: Import,
): Promise<string[]> {
  const problems: string[] = [];
  if (model.description !== stored.description) problems.push('the description here is another');
  const { fresh, different } = lackingTags(model.tags, stored.tags);
  problems.push(...different);
  const atMs = model.updatedAtMs ?? clock.nowMs();
  if (check) problems.push(...Object.keys(fresh).map((key) => `tag ${JSON.stringify(key)} is not here`));
  else if (Object.keys(fresh).length > 0) await store.changeModel(tx, stored.id, { tags: fresh, atMs });
  const active = new Set((await store.versions(tx, stored.id)).map(({ version }) => version));
  for (const [alias, version] of Object.entries(model.aliases)) {
    const standing = stored.aliases[alias];
    if (standing === version) continue;
    if (standing !== undefined) problems.push(`alias ${alias} stands at ${standing} here and at ${version} there`);
    else if (!active.has(version)) problems.push(`alias ${alias} stands at version ${version}, which is not here`);
    else if (check) problems.push(`alias ${alias} is not here`);
    else await store.setAlias(tx, { modelId: stored.id, alias, version, atMs, by });
  }
  return problems;
}
