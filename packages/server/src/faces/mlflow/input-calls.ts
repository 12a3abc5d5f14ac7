import { type Call, type CallRequest, defineCall } from './define-call.js';
import { appendModel, readModelJson } from './log-model-history.js';
import { readInput, readRunId } from './read-run.js';
import { unlessEmpty } from './wire.js';

const MAX_EXPERIMENTS = 20;
const HISTORY_TAG = 'mlflow.log-model.history';

/** Calls about what went into runs and what came out: datasets and models. */
export const inputCalls: readonly Call[] = [
  defineCall({
    methods: ['POST'],
    path: 'runs/log-inputs',
    may: 'run:write',
    parse: (fields) => ({
      runId: readRunId(fields),
      inputs: {
        datasets: fields.items('datasets').map(readInput),
        modelIds: fields.items('models').map((model) => model.neededText('model_id')),
      },
    }),
    run: ({ rooms, context, request: { runId, inputs } }) => rooms.tracking.inputs.logInputs(context, runId, inputs),
  }),
  defineCall({
    methods: ['POST'],
    path: 'runs/outputs',
    may: 'run:write',
    parse: (fields) => ({
      runId: readRunId(fields),
      models: fields.items('models').map((model) => ({
        modelId: model.neededText('model_id'),
        step: model.whole('step') ?? 0,
      })),
    }),
    run: ({ rooms, context, request: { runId, models } }) => rooms.tracking.inputs.logOutputs(context, runId, models),
  }),
  defineCall({
    methods: ['POST'],
    path: 'runs/log-model',
    may: 'run:write',
    parse: (fields) => ({ runId: readRunId(fields), model: readModelJson(fields) }),
    run: logModel,
  }),
  defineCall({
    methods: ['POST'],
    path: 'experiments/search-datasets',
    may: 'run:read',
    parse: (fields) => {
      const ids = fields.texts('experiment_ids');
      if (ids.length > 0 && ids.length <= MAX_EXPERIMENTS) return ids;
      throw fields.refuse('experiment_ids', ids, `1 to ${MAX_EXPERIMENTS} experiments`);
    },
    run: ({ rooms, request }) => rooms.tracking.inputs.datasetsOf(request),
    present: (datasets) => ({
      dataset_summaries: unlessEmpty(
        datasets.map(({ experimentId, name, digest, context }) => ({
          ...{ experiment_id: experimentId, name, digest },
          context: context ?? undefined,
        })),
      ),
    }),
  }),
];

/** Clients before 3.0 know no logged models: they list what they logged in a tag of the run. */
async function logModel({
  rooms: { tracking },
  context,
  request,
}: CallRequest<{ readonly runId: string; readonly model: Readonly<Record<string, unknown>> }>): Promise<void> {
  const { tags } = await tracking.run(request.runId);
  const history = appendModel(tags[HISTORY_TAG], request.model);
  await tracking.logBatch(context, request.runId, { tags: { [HISTORY_TAG]: history } });
}
