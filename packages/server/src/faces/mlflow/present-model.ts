import type { ModelRecord, VersionRecord } from '../../rooms/registry/index.js';
import { showSource } from './model-source.js';
import { presentPairs, unlessEmpty } from './wire.js';

export function presentModel(model: ModelRecord): object {
  const { name, createdAtMs, updatedAtMs, description, latest, tags, aliases } = model;
  return {
    name,
    creation_timestamp: createdAtMs,
    last_updated_timestamp: updatedAtMs,
    description: description === '' ? undefined : description,
    latest_versions: unlessEmpty(latest.map(presentVersion)),
    tags: presentPairs(tags),
    aliases: unlessEmpty(Object.entries(aliases).map(([alias, version]) => ({ alias, version: String(version) }))),
  };
}

/** A version is there with everything that it has as soon as it can be seen: its status is always READY. */
export function presentVersion(version: VersionRecord): object {
  return {
    name: version.model,
    version: String(version.version),
    creation_timestamp: version.createdAtMs,
    last_updated_timestamp: version.updatedAtMs,
    description: version.description,
    user_id: version.createdBy,
    current_stage: version.stage,
    source: showSource(version.source),
    run_id: version.runId ?? '',
    run_link: version.link,
    status: 'READY',
    tags: presentPairs(version.tags),
    aliases: unlessEmpty(version.aliases),
    model_id: version.loggedModelId ?? undefined,
  };
}

export const answerModel = (model: ModelRecord) => ({ registered_model: presentModel(model) });
export const answerVersion = (version: VersionRecord) => ({ model_version: presentVersion(version) });
