import type { Stage } from '../../rooms/registry/index.js';
import { type Call, defineCall } from './define-call.js';
import { answerModel, answerVersion, presentModel, presentVersion } from './present-model.js';
import type { Fields } from './read-fields.js';
import { readTags } from './read-run.js';
import { readSearch } from './read-search.js';
import { hidePrompts, modelVocabulary } from './search/registry-vocabularies.js';
import { presentToken, unlessEmpty } from './wire.js';

const STAGES: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived'];

/** Any number that clients send is a version; whether it is there, the registry knows. */
export const readVersion = (fields: Fields): number =>
  fields.whole('version', { min: 0, max: 2 ** 31 - 1 }) ?? Number(fields.neededText('version'));

/** A stage in any case. */
export function readStage(fields: Fields, name: string, text: string): Stage {
  const stage = STAGES.find((known) => known.toLowerCase() === text.toLowerCase());
  if (stage === undefined) throw fields.refuse(name, text, `one of ${STAGES.join(', ')}`);
  return stage;
}

const readName = (fields: Fields) => fields.neededText('name');

/** Calls that write and read registered models, their tags and aliases. */
export const registeredModelCalls: readonly Call[] = [
  defineCall({
    methods: ['POST'],
    path: 'registered-models/create',
    may: 'model:write',
    parse: (fields) => ({
      name: fields.givenText('name'),
      tags: readTags(fields),
      description: fields.text('description') ?? '',
    }),
    run: ({ rooms, context, request }) => rooms.catalogue.createModel(context, request),
    present: answerModel,
    makes: { kind: 'model', find: ({ catalogue }, name) => catalogue.record(name) },
  }),
  defineCall({
    methods: ['GET'],
    path: 'registered-models/get',
    may: 'model:read',
    parse: readName,
    run: ({ rooms, request }) => rooms.catalogue.record(request),
    present: answerModel,
  }),
  defineCall({
    methods: ['GET'],
    path: 'registered-models/search',
    may: 'model:read',
    parse: (fields) => {
      const search = readSearch(fields, { vocabulary: modelVocabulary, limit: { standard: 100, max: 1_000 } });
      return { ...search, where: hidePrompts(search.where ?? []) };
    },
    run: ({ rooms, request }) => rooms.catalogue.searchModels(request),
    present: ({ items, nextPageToken }) => ({
      registered_models: unlessEmpty(items.map(presentModel)),
      next_page_token: presentToken(nextPageToken),
    }),
  }),
  defineCall({
    methods: ['PATCH'],
    path: 'registered-models/update',
    may: 'model:write',
    parse: (fields) => ({ name: readName(fields), description: fields.text('description') ?? '' }),
    run: ({ rooms, context, request: { name, description } }) =>
      rooms.catalogue.updateModel(context, name, { description }),
    present: answerModel,
  }),
  defineCall({
    methods: ['POST'],
    path: 'registered-models/rename',
    may: 'model:write',
    parse: (fields) => ({ name: readName(fields), newName: fields.neededText('new_name') }),
    run: ({ rooms, context, request: { name, newName } }) => rooms.catalogue.renameModel(context, name, newName),
    present: answerModel,
  }),
  defineCall({
    methods: ['DELETE'],
    path: 'registered-models/delete',
    may: 'model:write',
    parse: readName,
    run: ({ rooms, context, request }) => rooms.catalogue.deleteModel(context, request),
  }),
  defineCall({
    methods: ['POST', 'GET'],
    path: 'registered-models/get-latest-versions',
    may: 'model:read',
    parse: (fields) => ({
      name: readName(fields),
      stages: fields.texts('stages').map((text) => readStage(fields, 'stages', text)),
    }),
    run: ({ rooms, request: { name, stages } }) =>
      rooms.catalogue.latestByStage(name, stages.length === 0 ? STAGES : stages),
    present: (versions) => ({ model_versions: unlessEmpty(versions.map(presentVersion)) }),
  }),
  defineCall({
    methods: ['POST'],
    path: 'registered-models/set-tag',
    may: 'model:write',
    parse: (fields) => ({
      name: readName(fields),
      tags: { [fields.neededText('key')]: fields.text('value') ?? '' },
    }),
    run: ({ rooms, context, request: { name, tags } }) => rooms.catalogue.updateModel(context, name, { tags }),
  }),
  defineCall({
    methods: ['DELETE'],
    path: 'registered-models/delete-tag',
    may: 'model:write',
    parse: (fields) => ({ name: readName(fields), tags: { [fields.neededText('key')]: null } }),
    run: ({ rooms, context, request: { name, tags } }) => rooms.catalogue.updateModel(context, name, { tags }),
  }),
  defineCall({
    methods: ['GET'],
    path: 'registered-models/alias',
    may: 'model:read',
    parse: (fields) => ({ name: readName(fields), alias: fields.neededText('alias') }),
    run: ({ rooms, request: { name, alias } }) => rooms.catalogue.versionAtAlias(name, alias),
    present: answerVersion,
  }),
  defineCall({
    methods: ['POST'],
    path: 'registered-models/alias',
    may: 'model:write',
    parse: (fields) => ({
      model: readName(fields),
      alias: { name: fields.neededText('alias'), version: readVersion(fields) },
    }),
    run: ({ rooms, context, request: { model, alias } }) => rooms.registry.setAlias(context, model, alias),
  }),
  defineCall({
    methods: ['DELETE'],
    path: 'registered-models/alias',
    may: 'model:write',
    parse: (fields) => ({ name: readName(fields), alias: fields.neededText('alias') }),
    run: ({ rooms, context, request: { name, alias } }) => rooms.registry.removeAlias(context, name, alias),
  }),
];
