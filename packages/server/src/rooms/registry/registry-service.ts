import { type Clock, isName, type Subject } from '@fairlead/kernel';
import type { Db } from '../../platform/db/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { EvaluationService } from '../evaluation/index.js';
import type { TrackingService } from '../tracking/index.js';
import { buildCard, HUMAN_FIELDS, humanKey } from './card-rules.js';
import { registryErrors } from './registry-errors.js';
import { aliasSet, cardEdited, versionRegistered, versionTagged } from './registry-events.js';
import { changeTags, isAlias, parseVersionRef, versionBehind } from './registry-rules.js';
import type { RegistryStore } from './registry-store.js';
import type { Model, ModelVersion, NewModelVersion, RegistryService } from './registry-types.js';

export interface RegistryDeps {
  readonly db: Db;
  readonly store: RegistryStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly tracking: Pick<TrackingService, 'link'>;
  readonly evaluation: Pick<EvaluationService, 'report'>;
}

export function createRegistryService(deps: RegistryDeps): RegistryService {
  const { db, store, clock } = deps;

  const model = async (name: string): Promise<Model> => {
    const found = await store.model(db, name);
    if (found === undefined)
      throw registryErrors.REG_MODEL_NOT_FOUND(`There is no model named '${name}'.`, { data: { name } });
    return found;
  };

  const version = async (name: string, ref: string | number): Promise<ModelVersion> => {
    const { aliases, latestVersion } = await model(name);
    const parsed = parseVersionRef(ref);
    const number =
      parsed.kind === 'number'
        ? parsed.version
        : parsed.kind === 'latest'
          ? latestVersion
          : versionBehind(aliases, parsed.alias);
    const found = number == null ? undefined : await store.version(db, name, number);
    if (found === undefined) {
      throw registryErrors.REG_VERSION_NOT_FOUND(`The model '${name}' has no version '${ref}'.`, {
        data: { name, ref, latestVersion, aliases },
      });
    }
    return found;
  };

  const changeAlias = async (
    context: Parameters<RegistryService['setAlias']>[0],
    name: string,
    change: { alias: string; version: number | null },
  ): Promise<void> => {
    const before = versionBehind((await model(name)).aliases, change.alias) ?? null;
    if (change.version !== null) await version(name, change.version);
    if (before === change.version) return;
    await db.transact(context, async (tx) => {
      await store.setAlias(tx, { model: name, ...change, atMs: clock.nowMs(), by: context.actor.id });
      tx.record(
        aliasSet.of({ kind: 'model', id: name }, { model: name, ...change }, { before, after: change.version }),
      );
    });
  };

  return {
    models: () => store.models(db),
    model,
    versions: async (name) => store.versions(db, (await model(name)).name),
    version,
    register: (context, request) => register(deps, context, request),
    setAlias: async (context, name, alias) => {
      if (!isAlias(alias.name)) throw registryErrors.REG_ALIAS_INVALID(`'${alias.name}' cannot be an alias.`);
      await changeAlias(context, name, { alias: alias.name, version: alias.version });
    },
    removeAlias: (context, name, alias) => changeAlias(context, name, { alias, version: null }),
    aliasHistory: async (name) => store.aliasHistory(db, (await model(name)).name),
    setTags: async (context, name, change) => {
      const found = await version(name, change.version);
      const tags = changeTags(found.tags, change.tags);
      await db.transact(context, async (tx) => {
        await store.setTags(tx, found, tags);
        const payload = { model: name, version: found.version };
        tx.record(versionTagged.of(subjectOf(found), payload, { before: found.tags, after: tags }));
      });
      return { ...found, tags };
    },
    setCardText: async (context, name, { version: number, section, name: field, text }) => {
      if (!HUMAN_FIELDS.some((known) => known.section === section && known.name === field)) {
        throw registryErrors.REG_CARD_FIELD_UNKNOWN(`'${section} / ${field}' is no field that people write.`, {
          data: { fields: HUMAN_FIELDS },
        });
      }
      const found = await version(name, number);
      const before = await store.cardTexts(db, name, number);
      const after = { ...before, [humanKey(section, field)]: text };
      await db.transact(context, async (tx) => {
        await store.setCardTexts(tx, found, after);
        const payload = { model: name, version: number, section, name: field };
        tx.record(cardEdited.of(subjectOf(found), payload, { before, after }));
      });
    },
    card: async (name, number) => {
      const found = await version(name, number);
      const report = await deps.evaluation.report(found.reportDigest).catch(() => null);
      return buildCard(found, report, await store.cardTexts(db, name, number));
    },
  };
}

function subjectOf({ model, version }: Pick<ModelVersion, 'model' | 'version'>): Subject {
  return { kind: 'model-version', id: `${model}/${version}` };
}

async function register(
  { db, store, objects, clock, tracking }: RegistryDeps,
  context: Parameters<RegistryService['register']>[0],
  request: NewModelVersion,
): Promise<ModelVersion> {
  if (!isName(request.model)) throw registryErrors.REG_NAME_INVALID(`'${request.model}' cannot be a model's name.`);
  for (const file of request.files) {
    if (await objects.has(file.digest)) continue;
    throw registryErrors.REG_FILE_MISSING(`${file.path} (${file.digest}) is not stored.`, { data: { ...file } });
  }
  const { trackingRunId, splitId, datasetVersionId, pipelineRunId } = request.source;
  return db.transact(context, async (tx) => {
    const same = await store.sameVersion(tx, { model: request.model, digest: request.digest, trackingRunId });
    if (same !== undefined) return same;
    const atMs = clock.nowMs();
    const number = await store.takeVersionNumber(tx, { name: request.model, atMs, by: context.actor.id });
    const version: ModelVersion = {
      ...request,
      version: number,
      tags: request.tags ?? {},
      createdAtMs: atMs,
      createdBy: context.actor.id,
    };
    await store.insertVersion(tx, version);
    const node = subjectOf(version);
    await tracking.link(tx, [
      { from: { kind: 'split', id: splitId }, to: node, relation: 'trained-on' },
      ...(trackingRunId === null
        ? []
        : [{ from: { kind: 'run', id: trackingRunId }, to: node, relation: 'produced-by' }]),
    ]);
    tx.record(
      versionRegistered.of(
        node,
        {
          model: version.model,
          version: number,
          digest: version.digest,
          splitId,
          datasetVersionId,
          trackingRunId,
          pipelineRunId,
        },
        { after: version },
      ),
    );
    return version;
  });
}
