import type { Clause } from '../../platform/search/index.js';
import { type Call, defineCall } from './define-call.js';
import type { MlflowRooms } from './mlflow-rooms.js';
import { showSource, storeSource, storeSourceOf } from './model-source.js';
import { answerVersion, presentVersion } from './present-model.js';
import type { Fields } from './read-fields.js';
import { readTags } from './read-run.js';
import { readSearch } from './read-search.js';
import { readStage, readVersion } from './registered-model-calls.js';
import { hidePrompts, versionVocabulary } from './search/registry-vocabularies.js';
import { presentToken, unlessEmpty } from './wire.js';

const LATEST_FIRST = [
  { field: 'updatedAt', direction: 'desc' },
  { field: 'name', direction: 'asc' },
  { field: 'version', direction: 'desc' },
] as const;

/** A condition on the source says it in the client's words, the registry keeps it in its own. */
function storedSource<Field extends string>(rooms: MlflowRooms) {
  return async (clause: Clause<Field>): Promise<Clause<Field>> =>
    clause.field === 'source' && (clause.comparison === '=' || clause.comparison === '!=')
      ? { ...clause, value: await storeSource(String(clause.value), rooms) }
      : clause;
}

const readOne = (fields: Fields) => ({ name: fields.neededText('name'), version: readVersion(fields) });

/** A version by the id of its events, `NAME/NUMBER`. */
function findVersion({ catalogue }: MlflowRooms, id: string) {
  const slash = id.lastIndexOf('/');
  return catalogue.versionRecord(id.slice(0, slash), Number(id.slice(slash + 1)));
}

/** Calls that write and read model versions. */
export const modelVersionCalls: readonly Call[] = [
  defineCall({
    methods: ['POST'],
    path: 'model-versions/create',
    may: 'model:write',
    parse: (fields) => {
      const [runId, loggedModelId] = [fields.text('run_id'), fields.text('model_id')];
      return {
        model: fields.neededText('name'),
        source: fields.neededText('source'),
        tags: readTags(fields),
        link: fields.text('run_link') ?? '',
        description: fields.text('description') ?? '',
        ...(runId && { runId }),
        ...(loggedModelId && { loggedModelId }),
      };
    },
    run: async ({ rooms, context, request }) =>
      rooms.catalogue.createVersion(context, { ...request, source: await storeSourceOf(request, rooms) }),
    present: answerVersion,
    makes: { kind: 'model-version', find: findVersion },
  }),
  defineCall({
    methods: ['GET'],
    path: 'model-versions/get',
    may: 'model:read',
    parse: readOne,
    run: ({ rooms, request: { name, version } }) => rooms.catalogue.versionRecord(name, version),
    present: answerVersion,
  }),
  defineCall({
    methods: ['PATCH'],
    path: 'model-versions/update',
    may: 'model:write',
    parse: (fields) => ({ ...readOne(fields), description: fields.text('description') ?? '' }),
    run: ({ rooms, context, request: { name, version, description } }) =>
      rooms.catalogue.updateVersion(context, name, version, { description }),
    present: answerVersion,
  }),
  defineCall({
    methods: ['DELETE'],
    path: 'model-versions/delete',
    may: 'model:write',
    parse: readOne,
    run: ({ rooms, context, request: { name, version } }) => rooms.catalogue.deleteVersion(context, name, version),
  }),
  defineCall({
    methods: ['GET'],
    path: 'model-versions/search',
    may: 'model:read',
    parse: (fields) => {
      const search = readSearch(fields, { vocabulary: versionVocabulary, limit: { standard: 10_000, max: 200_000 } });
      const orderBy = search.orderBy?.length ? search.orderBy : LATEST_FIRST;
      return { ...search, orderBy, where: hidePrompts(search.where ?? []) };
    },
    run: async ({ rooms, request }) =>
      rooms.catalogue.searchVersions({ ...request, where: await Promise.all(request.where.map(storedSource(rooms))) }),
    present: ({ items, nextPageToken }) => ({
      model_versions: unlessEmpty(items.map(presentVersion)),
      next_page_token: presentToken(nextPageToken),
    }),
  }),
  defineCall({
    methods: ['GET'],
    path: 'model-versions/get-download-uri',
    may: 'model:read',
    parse: readOne,
    run: ({ rooms, request: { name, version } }) => rooms.catalogue.readableRoot(name, version),
    present: (root) => ({ artifact_uri: showSource(root) }),
  }),
  defineCall({
    methods: ['POST'],
    path: 'model-versions/transition-stage',
    may: 'model:write',
    parse: (fields) => ({
      ...readOne(fields),
      stage: readStage(fields, 'stage', fields.neededText('stage')),
      archiveExisting: fields.flag('archive_existing_versions') ?? false,
    }),
    run: ({ rooms, context, request: { name, version, stage, archiveExisting } }) =>
      rooms.catalogue.setStage(context, name, version, stage, { archiveExisting }),
    present: answerVersion,
  }),
  defineCall({
    methods: ['POST'],
    path: 'model-versions/set-tag',
    may: 'model:write',
    parse: (fields) => ({ ...readOne(fields), tags: { [fields.neededText('key')]: fields.text('value') ?? '' } }),
    run: ({ rooms, context, request: { name, version, tags } }) =>
      rooms.catalogue.updateVersion(context, name, version, { tags }),
  }),
  defineCall({
    methods: ['DELETE'],
    path: 'model-versions/delete-tag',
    may: 'model:write',
    parse: (fields) => ({ ...readOne(fields), tags: { [fields.neededText('key')]: null } }),
    run: ({ rooms, context, request: { name, version, tags } }) =>
      rooms.catalogue.updateVersion(context, name, version, { tags }),
  }),
];
