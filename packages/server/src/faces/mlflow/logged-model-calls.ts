import type { LoggedModel, LoggedModelOrdering, LoggedModelSearch } from '../../rooms/tracking/index.js';
import { showArtifactRoot } from './artifact-root.js';
import { type Call, defineCall } from './define-call.js';
import { presentMetricOfRun } from './present-run.js';
import type { Fields } from './read-fields.js';
import { readParams, readTags } from './read-run.js';
import { readPage } from './read-search.js';
import { parseFilter } from './search/parse-filter.js';
import { parseOrder } from './search/parse-order.js';
import { loggedModelVocabulary } from './search/vocabularies.js';
import { suggestName } from './suggest-name.js';
import { presentPairs, presentToken, unlessEmpty } from './wire.js';

const STATUS = { pending: 'LOGGED_MODEL_PENDING', ready: 'LOGGED_MODEL_READY', failed: 'LOGGED_MODEL_UPLOAD_FAILED' };
const STATUS_WORDS = {
  LOGGED_MODEL_PENDING: 'pending',
  LOGGED_MODEL_READY: 'ready',
  LOGGED_MODEL_UPLOAD_FAILED: 'failed',
} as const;
const LIMIT = { standard: 100, max: 50_000 };

const modelId = (fields: Fields) => fields.neededText('model_id');

/** Calls that write and read logged models. */
export const loggedModelCalls: readonly Call[] = [
  defineCall({
    methods: ['POST'],
    path: 'logged-models',
    may: 'run:write',
    parse: (fields) => {
      const [name, modelType, sourceRunId] = ['name', 'model_type', 'source_run_id'].map((field) => fields.text(field));
      return {
        experimentId: fields.neededText('experiment_id'),
        name: name || suggestName(),
        ...(modelType && { modelType }),
        ...(sourceRunId && { sourceRunId }),
        params: readParams(fields.items('params')),
        tags: readTags(fields),
      };
    },
    run: ({ rooms, context, request }) => rooms.tracking.loggedModels.createLoggedModel(context, request),
    present: answerModel,
    makes: { kind: 'logged-model', find: ({ tracking }, id) => tracking.loggedModels.loggedModel(id) },
  }),
  defineCall({
    methods: ['POST'],
    path: 'logged-models/search',
    may: 'run:read',
    parse: readModelSearch,
    run: ({ rooms, request }) => rooms.tracking.loggedModels.searchLoggedModels(request),
    present: ({ items, nextPageToken }) => ({
      models: unlessEmpty(items.map(presentLoggedModel)),
      next_page_token: presentToken(nextPageToken),
    }),
  }),
  defineCall({
    methods: ['GET'],
    path: 'logged-models/:model_id',
    may: 'run:read',
    parse: modelId,
    run: ({ rooms, request }) => rooms.tracking.loggedModels.loggedModel(request),
    present: answerModel,
  }),
  defineCall({
    methods: ['PATCH'],
    path: 'logged-models/:model_id',
    may: 'run:write',
    parse: (fields) => {
      const status = fields.choice('status', STATUS_WORDS);
      if (status === undefined)
        throw fields.refuse('status', 'nothing', `one of ${Object.keys(STATUS_WORDS).join(', ')}`);
      return { id: modelId(fields), change: { status } };
    },
    run: ({ rooms, context, request: { id, change } }) =>
      rooms.tracking.loggedModels.updateLoggedModel(context, id, change),
    present: answerModel,
  }),
  defineCall({
    methods: ['DELETE'],
    path: 'logged-models/:model_id',
    may: 'run:write',
    parse: modelId,
    run: ({ rooms, context, request }) => rooms.tracking.loggedModels.deleteLoggedModel(context, request),
  }),
  defineCall({
    methods: ['PATCH'],
    path: 'logged-models/:model_id/tags',
    may: 'run:write',
    parse: (fields) => ({ id: modelId(fields), change: { tags: readTags(fields) } }),
    run: ({ rooms, context, request: { id, change } }) =>
      rooms.tracking.loggedModels.updateLoggedModel(context, id, change),
    present: answerModel,
  }),
  defineCall({
    methods: ['DELETE'],
    path: 'logged-models/:model_id/tags/:tag_key',
    may: 'run:write',
    parse: (fields) => ({ id: modelId(fields), change: { tags: { [fields.neededText('tag_key')]: null } } }),
    run: ({ rooms, context, request: { id, change } }) =>
      rooms.tracking.loggedModels.updateLoggedModel(context, id, change),
  }),
  defineCall({
    methods: ['POST'],
    path: 'logged-models/:model_id/params',
    may: 'run:write',
    parse: (fields) => ({ id: modelId(fields), change: { params: readParams(fields.items('params')) } }),
    run: ({ rooms, context, request: { id, change } }) =>
      rooms.tracking.loggedModels.updateLoggedModel(context, id, change),
  }),
];

function readModelSearch(fields: Fields): LoggedModelSearch {
  const experimentIds = fields.texts('experiment_ids');
  if (experimentIds.length === 0) throw fields.refuse('experiment_ids', experimentIds, 'at least one experiment');
  const datasets = fields.items('datasets').map(readDataset);
  return {
    experimentIds,
    where: parseFilter(fields.text('filter'), loggedModelVocabulary),
    orderBy: fields.items('order_by').flatMap(readOrdering),
    ...(datasets.length > 0 && { datasets }),
    ...readPage(fields, LIMIT),
  };
}

function readOrdering(fields: Fields): LoggedModelOrdering[] {
  const dataset = fields.text('dataset_name') ? readDataset(fields) : undefined;
  const orderings = parseOrder([orderText(fields)], loggedModelVocabulary);
  return orderings.map((ordering) => ({ ...ordering, ...(dataset !== undefined && { dataset }) }));
}

/** An ordering as the text that other searches send. A metric's key is all that stands behind the first dot. */
function orderText(fields: Fields): string {
  const name = fields.neededText('field_name');
  const dot = name.indexOf('.');
  const quoted = dot === -1 ? name : `${name.slice(0, dot)}.${quote(name.slice(dot + 1))}`;
  return `${quoted} ${fields.flag('ascending') === false ? 'DESC' : 'ASC'}`;
}

function quote(key: string): string {
  return /^`.*`$/.test(key) ? key : `\`${key.replaceAll('`', '``')}\``;
}

function readDataset(fields: Fields): { name: string; digest?: string } {
  const digest = fields.text('dataset_digest');
  return { name: fields.neededText('dataset_name'), ...(digest && { digest }) };
}

function answerModel(model: LoggedModel): object {
  return { model: presentLoggedModel(model) };
}

function presentLoggedModel(model: LoggedModel): object {
  return {
    info: {
      model_id: model.id,
      experiment_id: model.experimentId,
      name: model.name,
      creation_timestamp_ms: model.createdAtMs,
      last_updated_timestamp_ms: model.updatedAtMs,
      artifact_uri: showArtifactRoot(model.artifactRoot),
      status: STATUS[model.status],
      model_type: model.modelType,
      source_run_id: model.sourceRunId ?? '',
      tags: presentPairs(model.tags),
    },
    data: {
      params: presentPairs(model.params),
      metrics: unlessEmpty(
        model.metrics.map((metric) => ({
          ...presentMetricOfRun(metric),
          model_id: model.id,
          dataset_name: metric.datasetName ?? undefined,
          dataset_digest: metric.datasetDigest ?? undefined,
        })),
      ),
    },
  };
}
