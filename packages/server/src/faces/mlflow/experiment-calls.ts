import type { Experiment } from '../../rooms/tracking/index.js';
import { storeArtifactRoot } from './artifact-root.js';
import { type Call, defineCall } from './define-call.js';
import { presentExperiment } from './present-experiment.js';
import { readTags } from './read-run.js';
import { readSearch } from './read-search.js';
import { isNoteTag, splitExperimentTags } from './reserved-tags.js';
import { experimentVocabulary } from './search/vocabularies.js';
import { presentToken, unlessDeleted, unlessEmpty } from './wire.js';

const MAX_EXPERIMENTS = 50_000;

const answerExperiment = (experiment: Experiment) => ({ experiment: presentExperiment(experiment) });

/** Calls that write and read experiments. */
export const experimentCalls: readonly Call[] = [
  defineCall({
    methods: ['POST'],
    path: 'experiments/create',
    may: 'experiment:write',
    parse: (fields) => {
      const root = fields.text('artifact_location');
      return {
        name: fields.neededText('name'),
        ...splitExperimentTags(readTags(fields)),
        ...(root && { artifactRoot: storeArtifactRoot(root) }),
      };
    },
    run: ({ rooms, context, request }) => rooms.tracking.createExperiment(context, request),
    present: ({ id }) => ({ experiment_id: id }),
    makes: {
      kind: 'experiment',
      find: async ({ tracking }, id) => unlessDeleted(await tracking.experiment(id)),
    },
  }),
  defineCall({
    methods: ['GET'],
    path: 'experiments/get',
    may: 'experiment:read',
    parse: (fields) => fields.neededText('experiment_id'),
    run: ({ rooms, request }) => rooms.tracking.experiment(request),
    present: answerExperiment,
  }),
  defineCall({
    methods: ['GET'],
    path: 'experiments/get-by-name',
    may: 'experiment:read',
    parse: (fields) => fields.neededText('experiment_name'),
    run: ({ rooms, request }) => rooms.tracking.experimentNamed(request),
    present: answerExperiment,
  }),
  defineCall({
    methods: ['POST', 'GET'],
    path: 'experiments/search',
    may: 'experiment:read',
    parse: (fields) =>
      readSearch(fields, {
        vocabulary: experimentVocabulary,
        view: 'view_type',
        limit: { standard: 1000, max: MAX_EXPERIMENTS },
      }),
    run: ({ rooms, request }) => rooms.tracking.searchExperiments(request),
    present: ({ items, nextPageToken }) => ({
      experiments: unlessEmpty(items.map(presentExperiment)),
      next_page_token: presentToken(nextPageToken),
    }),
  }),
  defineCall({
    methods: ['POST'],
    path: 'experiments/update',
    may: 'experiment:write',
    parse: (fields) => ({ id: fields.neededText('experiment_id'), name: fields.neededText('new_name') }),
    run: ({ rooms, context, request: { id, name } }) => rooms.tracking.updateExperiment(context, id, { name }),
  }),
  defineCall({
    methods: ['POST'],
    path: 'experiments/delete',
    may: 'experiment:write',
    parse: (fields) => fields.neededText('experiment_id'),
    run: ({ rooms, context, request }) => rooms.tracking.deleteExperiment(context, request),
  }),
  defineCall({
    methods: ['POST'],
    path: 'experiments/restore',
    may: 'experiment:write',
    parse: (fields) => fields.neededText('experiment_id'),
    run: ({ rooms, context, request }) => rooms.tracking.restoreExperiment(context, request),
  }),
  defineCall({
    methods: ['POST'],
    path: 'experiments/set-experiment-tag',
    may: 'experiment:write',
    parse: (fields) => ({
      id: fields.neededText('experiment_id'),
      change: splitExperimentTags({ [fields.neededText('key')]: fields.text('value') ?? '' }),
    }),
    run: ({ rooms, context, request: { id, change } }) => rooms.tracking.updateExperiment(context, id, change),
  }),
  defineCall({
    methods: ['POST'],
    path: 'experiments/delete-experiment-tag',
    may: 'experiment:write',
    parse: (fields) => ({ id: fields.neededText('experiment_id'), key: fields.neededText('key') }),
    run: ({ rooms, context, request: { id, key } }) =>
      rooms.tracking.updateExperiment(context, id, isNoteTag(key) ? { note: '' } : { tags: { [key]: null } }),
  }),
];
