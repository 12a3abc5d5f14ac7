import { newId } from '@fairlead/kernel';
import type { ChangeContext, Reader, Tx } from '../../../platform/db/index.js';
import { findModel } from '../find-versions.js';
import type { ModelUse, RegistryDeps } from '../registry-deps.js';
import { registryErrors } from '../registry-errors.js';
import { modelChanged, modelCreated, modelDeleted, modelRenamed } from '../registry-events.js';
import { changeTags } from '../registry-rules.js';
import type { NewStoredModel, RegistryStore } from '../registry-store.js';
import type { NewModel, TagChange } from './catalogue-types.js';
import { modelNameProblem } from './name-rules.js';
import { tagsProblem, textProblem } from './tag-rules.js';

/**
 * What a new model of that name begins with. Its first number is the one after the highest packaged version that any model of
 * this name ever had: deployments, approvals and lineage name those, and no other version may ever answer to their name.
 */
export async function nextModel(
  store: RegistryStore,
  reader: Reader,
  { name, description = '', tags = {} }: NewModel,
): Promise<Omit<NewStoredModel, 'atMs' | 'by'>> {
  return { id: newId(), name, highestVersion: await store.highestPackaged(reader, name), description, tags };
}

export async function createModel(deps: RegistryDeps, context: ChangeContext, request: NewModel): Promise<void> {
  const { db, store, clock } = deps;
  checkName(request.name);
  checkTexts(request);
  await db.transact(context, async (tx) => {
    const model = { ...(await nextModel(store, tx, request)), atMs: clock.nowMs(), by: context.actor.id };
    if (!(await store.insertModel(tx, model))) throw await exists(store, tx, request.name);
    tx.record(modelCreated.of(subject(request.name), { model: request.name }, { after: model }));
  });
}

export async function updateModel(
  { db, store, clock }: RegistryDeps,
  context: ChangeContext,
  name: string,
  change: { description?: string; tags?: TagChange },
): Promise<void> {
  checkTexts(change);
  await db.transact(context, async (tx) => {
    const { id, description, tags } = await findModel(store, tx, name);
    const before = { description, tags };
    const after = { description: change.description ?? description, tags: changeTags(tags, change.tags ?? {}) };
    await store.changeModel(tx, id, { ...change, atMs: clock.nowMs() });
    tx.record(modelChanged.of(subject(name), { model: name }, { before, after }));
  });
}

export async function renameModel(
  deps: RegistryDeps,
  context: ChangeContext,
  name: string,
  newName: string,
): Promise<void> {
  const { db, store, clock, tracking } = deps;
  checkName(newName);
  refuseUsed(name, await deps.usesOf(name));
  await db.transact(context, async (tx) => {
    const { id } = await findModel(store, tx, name);
    if (newName === name) return;
    const other = await store.nameOfSameKey(tx, newName);
    // `rain` may become `Rain`: the name it collides with is its own.
    if (other !== undefined && other !== name) throw await exists(store, tx, newName);
    await store.changeModel(tx, id, { name: newName, atMs: clock.nowMs() });
    const versions = await store.versions(tx, id);
    const node = (model: string, version: number) => ({ kind: 'model-version', id: `${model}/${version}` });
    await tracking.link(
      tx,
      versions.map(({ version }) => {
        return { from: node(name, version), to: node(newName, version), relation: 'renamed-to' };
      }),
    );
    const payload = { model: newName, from: name };
    tx.record(modelRenamed.of(subject(newName), payload, { before: { name }, after: { name: newName } }));
  });
}

export async function deleteModel(deps: RegistryDeps, context: ChangeContext, name: string): Promise<void> {
  const { db, store, clock } = deps;
  refuseUsed(name, await deploymentsOf(deps, name));
  await db.transact(context, async (tx) => {
    const model = await findModel(store, tx, name);
    const versions = await store.versions(tx, model.id);
    const atMs = clock.nowMs();
    for (const [alias] of Object.entries(model.aliases)) {
      await store.setAlias(tx, { modelId: model.id, alias, version: null, atMs, by: context.actor.id });
    }
    await store.changeModel(tx, model.id, { deletedAtMs: atMs, atMs });
    tx.record(modelDeleted.of(subject(name), { model: name, versions: versions.length }, { before: model }));
  });
}

/** What is deployed of a model: it stays. An endpoint alone only needs the model's name. */
export async function deploymentsOf({ usesOf }: RegistryDeps, model: string): Promise<ModelUse[]> {
  return (await usesOf(model)).filter(({ version }) => version !== null);
}

/** @throws REG_MODEL_IN_USE */
export function refuseUsed(model: string, uses: readonly ModelUse[]): void {
  if (uses.length === 0) return;
  const list = uses.slice(0, 20).map((use) => use.what);
  throw registryErrors.REG_MODEL_IN_USE(`'${model}' is in use by ${list.join(', ')}.`, { data: { uses: list } });
}

function checkName(name: string): void {
  const problem = modelNameProblem(name);
  if (problem === null) return;
  throw registryErrors.REG_MODEL_NAME_INVALID(`'${name.slice(0, 100)}' cannot be a model's name: ${problem}.`, {
    data: { name: name.slice(0, 300), problem },
  });
}

/** @throws REG_TAG_INVALID, REG_TEXT_INVALID */
export function checkTexts(texts: {
  readonly description?: string;
  readonly link?: string;
  readonly tags?: TagChange;
}): void {
  const tags = tagsProblem(texts.tags ?? {});
  if (tags !== null) throw registryErrors.REG_TAG_INVALID(`The tags cannot be set: ${tags}.`);
  for (const what of ['description', 'link'] as const) {
    const problem = textProblem(what, texts[what] ?? '');
    if (problem !== null) throw registryErrors.REG_TEXT_INVALID(`It cannot be stored: ${problem}.`);
  }
}

async function exists(store: RegistryStore, tx: Tx & Reader, name: string) {
  const existing = (await store.nameOfSameKey(tx, name)) ?? name;
  const message =
    existing === name ? `There is a model named '${name}' already.` : `'${name}' cannot be told from '${existing}'.`;
  return registryErrors.REG_MODEL_EXISTS(message, { data: { name, existing } });
}

function subject(name: string) {
  return { kind: 'model', id: name };
}
