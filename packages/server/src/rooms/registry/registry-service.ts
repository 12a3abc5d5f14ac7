import type { ChangeContext } from '../../platform/db/index.js';
import { HUMAN_FIELDS, humanKey } from './card/card-rules.js';
import { createCards } from './card/card-service.js';
import { findModel, findVersion, packageOf, requirePackage, subjectOf } from './find-versions.js';
import { registerVersion } from './register-version.js';
import type { RegistryDeps } from './registry-deps.js';
import { registryErrors } from './registry-errors.js';
import { aliasSet, cardEdited, versionTagged } from './registry-events.js';
import { changeTags, isAlias, versionBehind } from './registry-rules.js';
import type { StoredModel } from './registry-store.js';
import type { Model, ModelVersion, RegistryService } from './registry-types.js';

export function createRegistryService(deps: RegistryDeps): RegistryService {
  const { db, store, clock } = deps;
  const version = async (name: string, ref: string | number): Promise<ModelVersion> =>
    requirePackage(await findVersion(store, db, name, ref));

  return {
    models: async () => (await store.models(db)).map(toModel),
    model: async (name) => toModel(await findModel(store, db, name)),
    versions: async (name) => {
      const { id } = await findModel(store, db, name);
      return (await store.versions(db, id, { packaged: true })).flatMap((stored) => packageOf(stored) ?? []);
    },
    version,
    register: (context, request) => registerVersion(deps, context, request),
    setAlias: async (context, name, alias) => {
      if (!isAlias(alias.name)) throw registryErrors.REG_ALIAS_INVALID(`'${alias.name}' cannot be an alias.`);
      await changeAlias(deps, context, name, { alias: alias.name, version: alias.version });
    },
    removeAlias: (context, name, alias) => changeAlias(deps, context, name, { alias, version: null }),
    aliasHistory: async (name) => {
      const { id } = await findModel(store, db, name);
      const history = (await store.history(db, [id])).filter(({ what }) => what === 'alias').reverse();
      return history.map(({ name: alias, version, atMs, by }) => ({ alias, version, atMs, by }));
    },
    setTags: async (context, name, change) => {
      return db.transact(context, async (tx) => {
        const stored = await findVersion(store, tx, name, change.version);
        const found = requirePackage(stored);
        const tags = changeTags(found.tags, change.tags);
        await store.changeVersion(tx, stored.id, { tags: change.tags, atMs: clock.nowMs() });
        const payload = { model: name, version: found.version };
        tx.record(versionTagged.of(subjectOf(found), payload, { before: found.tags, after: tags }));
        return { ...found, tags };
      });
    },
    setCardText: async (context, name, { version: number, section, name: field, text }) => {
      if (!HUMAN_FIELDS.some((known) => known.section === section && known.name === field)) {
        throw registryErrors.REG_CARD_FIELD_UNKNOWN(`'${section} / ${field}' is no field that people write.`, {
          data: { fields: HUMAN_FIELDS },
        });
      }
      await db.transact(context, async (tx) => {
        const { id, modelId } = await findVersion(store, tx, name, number);
        const before = await store.cardTexts(tx, modelId, number);
        const after = { ...before, [humanKey(section, field)]: text };
        await store.setCardTexts(tx, id, after);
        const payload = { model: name, version: number, section, name: field };
        tx.record(cardEdited.of(subjectOf({ model: name, version: number }), payload, { before, after }));
      });
    },
    ...createCards(deps),
  };
}

function toModel({ name, description, createdAtMs, createdBy, latestVersion, aliases }: StoredModel): Model {
  return { name, description, createdAtMs, createdBy, latestVersion, aliases };
}

async function changeAlias(
  { db, store, clock }: RegistryDeps,
  context: ChangeContext,
  name: string,
  change: { alias: string; version: number | null },
): Promise<void> {
  await db.transact(context, async (tx) => {
    const { id, aliases } = await findModel(store, tx, name);
    const before = versionBehind(aliases, change.alias) ?? null;
    if (change.version !== null) await findVersion(store, tx, name, change.version);
    if (before === change.version) return;
    const atMs = clock.nowMs();
    await store.changeModel(tx, id, { atMs });
    await store.setAlias(tx, { modelId: id, ...change, atMs, by: context.actor.id });
    tx.record(aliasSet.of({ kind: 'model', id: name }, { model: name, ...change }, { before, after: change.version }));
  });
}
