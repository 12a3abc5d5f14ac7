import { attemptEach } from './export-summary.js';
import type { SourceModel, SourceVersion } from './import-source.js';
import type { MlrunsExport } from './mlruns-export.js';
import { writeMeta } from './write-meta.js';

/** The registry of an mlruns folder: `models/NAME/version-N`. */
export async function writeModels(out: MlrunsExport): Promise<void> {
  const models: SourceModel[] = [];
  for await (const model of out.source.models()) models.push(model);
  // A copy may stand before what it was copied from, and be copied itself: as many rounds as there are links in a chain.
  for (let found = 1; found > 0; ) found = placeVersions(out, models);
  for (const model of models) {
    await attemptEach(out.problems, () => writeModel(out, model));
    out.report();
  }
}

/** Says of each version where its files are, once it is known of what it was made from. Gives how many were new. */
function placeVersions({ moved }: MlrunsExport, models: readonly SourceModel[]): number {
  let found = 0;
  for (const { name, versions } of models) {
    for (const { version, filesRoot, source } of versions) {
      const files = moved.find(filesRoot) ?? moved.find(source);
      if (files === undefined || moved.find(`models:/${name}/${version}`) === files) continue;
      moved.add(`models:/${name}/${version}`, files);
      found += 1;
    }
  }
  return found;
}

async function writeModel(out: MlrunsExport, model: SourceModel): Promise<void> {
  const parts = ['models', model.name];
  await out.tree.text(
    [...parts, 'meta.yaml'],
    writeMeta({
      aliases: Object.fromEntries(Object.entries(model.aliases).map(([alias, version]) => [alias, String(version)])),
      creation_timestamp: model.createdAtMs,
      description: model.description,
      last_updated_timestamp: model.updatedAtMs,
      name: model.name,
    }),
  );
  for (const [alias, version] of Object.entries(model.aliases)) {
    await out.tree.text([...parts, 'aliases', alias], String(version));
  }
  await writeTags(out, parts, model.tags);
  out.counts.models += 1;
  for (const version of model.versions) await writeVersion(out, model.name, version);
}

async function writeTags(
  out: MlrunsExport,
  parts: readonly string[],
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [key, text] of Object.entries(tags)) {
    await attemptEach(out.problems, () => out.tree.text([...parts, 'tags', ...key.split('/')], text));
  }
}

async function writeVersion(out: MlrunsExport, name: string, version: SourceVersion): Promise<void> {
  const parts = ['models', name, `version-${version.version}`];
  const files = out.moved.find(`models:/${name}/${version.version}`) ?? version.filesRoot;
  // Copies and logged models are named by what they are; plain addresses point into the written folder.
  const source = version.source.startsWith('models:/') ? version.source : files;
  await out.tree.text(
    [...parts, 'meta.yaml'],
    writeMeta({
      creation_timestamp: version.createdAtMs,
      current_stage: version.lifecycle === 'deleted' ? 'Deleted_Internal' : version.stage,
      description: version.description,
      last_updated_timestamp: version.updatedAtMs,
      name,
      run_id: version.runId,
      run_link: version.link || null,
      source,
      status: 'READY',
      status_message: null,
      storage_location: files,
      user_id: null,
      version: version.version,
      ...(version.loggedModelId !== null && { model_id: version.loggedModelId }),
    }),
  );
  await writeTags(out, parts, version.tags);
  out.counts.versions += 1;
}
