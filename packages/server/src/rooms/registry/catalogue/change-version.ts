import type { ChangeContext } from '../../../platform/db/index.js';
import { findModel, findVersion, subjectOf } from '../find-versions.js';
import type { RegistryDeps } from '../registry-deps.js';
import { registryErrors } from '../registry-errors.js';
import { aliasSet, stageSet, versionDeleted, versionDescribed, versionTagged } from '../registry-events.js';
import { changeTags } from '../registry-rules.js';
import type { Stage, Standing, TagChange } from './catalogue-types.js';
import { checkTexts, deploymentsOf, refuseUsed } from './change-model.js';
import { ACTIVE_STAGES } from './standing-rules.js';

export async function updateVersion(
  { db, store, clock }: RegistryDeps,
  context: ChangeContext,
  model: string,
  version: number,
  change: { description?: string; tags?: TagChange },
): Promise<void> {
  checkTexts(change);
  await db.transact(context, async (tx) => {
    const found = await findVersion(store, tx, model, version);
    await store.changeVersion(tx, found.id, { ...change, atMs: clock.nowMs() });
    const payload = { model, version };
    if (change.tags !== undefined) {
      const after = changeTags(found.tags, change.tags);
      tx.record(versionTagged.of(subjectOf(found), payload, { before: found.tags, after }));
    }
    if (change.description === undefined) return;
    const states = { before: found.description, after: change.description };
    tx.record(versionDescribed.of(subjectOf(found), payload, states));
  });
}

export async function deleteVersion(
  deps: RegistryDeps,
  context: ChangeContext,
  model: string,
  version: number,
): Promise<void> {
  const { db, store, clock } = deps;
  refuseUsed(
    model,
    (await deploymentsOf(deps, model)).filter((use) => use.version === version),
  );
  await db.transact(context, async (tx) => {
    const found = await findVersion(store, tx, model, version);
    const { modelId } = found;
    const [atMs, by] = [clock.nowMs(), context.actor.id];
    for (const alias of found.aliases) {
      await store.setAlias(tx, { modelId, alias, version: null, atMs, by });
      const payload = { model, alias, version: null };
      tx.record(aliasSet.of({ kind: 'model', id: model }, payload, { before: version, after: null }));
    }
    await store.changeVersion(tx, found.id, { deletedAtMs: atMs, atMs });
    await store.changeModel(tx, modelId, { atMs });
    tx.record(versionDeleted.of(subjectOf(found), { model, version }, { before: found }));
  });
}

export async function setStage(
  { db, store, clock }: RegistryDeps,
  context: ChangeContext,
  model: string,
  version: number,
  { stage, archiveExisting }: { stage: Stage; archiveExisting: boolean },
): Promise<void> {
  if (archiveExisting && !ACTIVE_STAGES.includes(stage)) {
    throw registryErrors.REG_STAGE_INVALID(
      `Others cannot be archived from ${stage}: only ${ACTIVE_STAGES.join(' and ')} have a version in force.`,
      { data: { stage } },
    );
  }
  await db.transact(context, async (tx) => {
    const { id: modelId } = await findModel(store, tx, model);
    const [atMs, by] = [clock.nowMs(), context.actor.id];
    // Locks the model: of two that enter a stage and archive the others, one is archived.
    await store.changeModel(tx, modelId, { atMs });
    const entered = await findVersion(store, tx, model, version);
    const others = archiveExisting
      ? (await store.versions(tx, modelId)).filter((one) => one.stage === stage && one.version !== version)
      : [];
    const moves = [...others.map((one) => [one, 'Archived'] as const), [entered, stage] as const];
    const standings: Standing[] = [];
    for (const [moved, to] of moves) {
      if (moved.stage === to) continue;
      await store.changeVersion(tx, moved.id, { stage: to, atMs });
      standings.push({ what: 'stage', name: to, version: moved.version, atMs, by });
      const payload = { model, version: moved.version, stage: to };
      tx.record(stageSet.of(subjectOf(moved), payload, { before: moved.stage, after: to }));
    }
    await store.addStanding(tx, modelId, standings);
  });
}
