import { type FolderReader, readMeta, readTexts } from './folder-records.js';
import type { SourceModel, SourceVersion } from './import-source.js';
import { readRecord, readStage } from './read-record.js';

/** The registry of an mlruns folder: `models/NAME/version-N`. */
export async function* readModels(reader: FolderReader): AsyncGenerator<SourceModel> {
  const refused = (place: string) => reader.tell.refused(place, 'has a name that cannot be kept');
  for (const { name, isFolder } of await reader.folder.list(['models'], refused)) {
    if (!isFolder) continue;
    const model = await reader.tell.around(() => readModel(reader, name));
    if (model !== undefined) yield model;
  }
}

async function readModel(reader: FolderReader, name: string): Promise<SourceModel | undefined> {
  const meta = await readMeta(reader, ['models', name]);
  if (meta === undefined) return undefined;
  const fields = readRecord(meta, `${reader.folder.root}/models/${name}/meta.yaml`);
  if (fields.text('name') !== name) throw fields.refuse('name is not that of the folder');
  const versions: SourceVersion[] = [];
  for (const entry of await reader.folder.list(['models', name])) {
    const number = /^version-([1-9]\d{0,14})$/.exec(entry.name)?.[1];
    if (number === undefined) continue;
    const version = await reader.tell.around(() => readVersion(reader, name, Number(number)));
    if (version !== undefined) versions.push(version);
  }
  return {
    name,
    description: fields.optionalText('description'),
    tags: await readTexts(reader, ['models', name, 'tags']),
    aliases: await readAliases(reader, name),
    versions: versions.sort((a, b) => a.version - b.version),
    createdAtMs: fields.whole('creation_timestamp'),
    updatedAtMs: fields.whole('last_updated_timestamp'),
  };
}

async function readAliases(reader: FolderReader, name: string): Promise<Record<string, number>> {
  const aliases: [string, number][] = [];
  for (const [alias, text] of Object.entries(await readTexts(reader, ['models', name, 'aliases']))) {
    const version = Number(text.trim());
    if (Number.isSafeInteger(version) && version > 0) aliases.push([alias, version]);
    else reader.tell.broken(`${reader.folder.root}/models/${name}/aliases/${alias}`, 'it names no version');
  }
  return Object.fromEntries(aliases);
}

async function readVersion(reader: FolderReader, name: string, version: number): Promise<SourceVersion | undefined> {
  const parts = ['models', name, `version-${version}`];
  const meta = await readMeta(reader, parts);
  if (meta === undefined) return undefined;
  const fields = readRecord(meta, `${[reader.folder.root, ...parts].join('/')}/meta.yaml`);
  if (fields.whole('version') !== version || fields.text('name') !== name) {
    throw fields.refuse('name and version are not those of the folder');
  }
  const { stage, lifecycle } = readStage(fields.optionalText('current_stage'), fields);
  return {
    version,
    source: fields.optionalText('source'),
    runId: fields.optionalText('run_id') || null,
    loggedModelId: fields.optionalText('model_id') || null,
    description: fields.optionalText('description'),
    link: fields.optionalText('run_link'),
    stage,
    lifecycle,
    tags: await readTexts(reader, [...parts, 'tags']),
    filesRoot: fields.optionalText('storage_location') || fields.optionalText('source'),
    createdAtMs: fields.whole('creation_timestamp'),
    updatedAtMs: fields.whole('last_updated_timestamp'),
  };
}
