import type {
  ImportSource,
  SeriesPart,
  SourceExperiment,
  SourceModel,
  SourceOptions,
  SourceRun,
} from './import-source.js';
import { createServerCalls, type ServerCalls, type ServerCredentials } from './server-calls.js';
import { readServerFiles } from './server-files.js';
import {
  type Json,
  listOf,
  objectOf,
  toExperiment,
  toLoggedModel,
  toModel,
  toPoint,
  toRun,
  toVersion,
} from './server-records.js';
import { createTell, type Tell } from './tell-problem.js';

const API = '/api/2.0/mlflow';
const PAGE = { experiments: 1000, runs: 500, points: 25_000, models: 100, versions: 10_000 } as const;
const IS_PROMPT = '`mlflow.prompt.is_prompt`';

/** A live MLflow server, or anything that speaks its REST API. Files come through it, wherever it keeps them. */
export async function openServerSource(
  address: string,
  options: SourceOptions & ServerCredentials,
): Promise<ImportSource> {
  const calls = createServerCalls(address, options, options.signal);
  const tell = createTell(options.onProblem);
  const keysOf = new WeakMap<SourceRun, readonly string[]>();
  // A wrong address or credentials show here and not in the middle of the work.
  await calls.post(`${API}/experiments/search`, { max_results: 1, view_type: 'ALL' });
  return {
    kind: 'server',
    address: calls.url,
    experiments: () => readExperiments(calls, tell, options),
    async *runs(experimentId) {
      const usesModels = await hasModels(calls, experimentId);
      const request = {
        experiment_ids: [experimentId],
        run_view_type: 'ALL',
        max_results: PAGE.runs,
        order_by: ['attributes.start_time ASC'],
      };
      for await (const answer of pages(calls, `${API}/runs/search`, request, 'runs')) {
        const found = await tell.around(async () =>
          toRun(usesModels ? await wholeRun(calls, answer) : answer, calls.url),
        );
        if (found === undefined) continue;
        keysOf.set(found.run, found.metricKeys);
        yield found.run;
      }
    },
    async *points(run) {
      for (const key of keysOf.get(run) ?? []) yield* readHistory(calls, tell, { runId: run.id, key });
    },
    async *loggedModels(experimentId) {
      const request = { experiment_ids: [experimentId], max_results: 50 };
      for await (const answer of pages(calls, `${API}/logged-models/search`, request, 'models', true)) {
        const model = tell.attempt(() => toLoggedModel(answer, calls.url));
        if (model !== undefined) yield model;
      }
    },
    files: (owner) => readServerFiles(calls, tell, owner),
    models: () => readModels(calls, tell),
    leftOut: async () => [],
    close: async () => {},
  };
}

async function* readExperiments(
  calls: ServerCalls,
  tell: Tell,
  { experiments: wanted }: SourceOptions,
): AsyncGenerator<SourceExperiment> {
  const request = { view_type: 'ALL', max_results: PAGE.experiments, order_by: ['creation_time ASC'] };
  for await (const answer of pages(calls, `${API}/experiments/search`, request, 'experiments')) {
    const experiment = tell.attempt(() => toExperiment(answer, calls.url));
    if (experiment !== undefined && (wanted === undefined || wanted.includes(experiment.name))) yield experiment;
  }
}

async function hasModels(calls: ServerCalls, experimentId: string): Promise<boolean> {
  const request = { experiment_ids: [experimentId], max_results: 1 };
  const answer = await calls.tryPost(`${API}/logged-models/search`, request);
  return listOf(answer?.models).length > 0;
}

/** Searches leave out which models a run used; only the run itself says it. */
async function wholeRun(calls: ServerCalls, found: Json): Promise<Json> {
  const id = String(objectOf(found.info).run_id ?? '');
  return objectOf((await calls.get(`${API}/runs/get`, { run_id: id })).run);
}

async function* readHistory(
  calls: ServerCalls,
  tell: Tell,
  { runId, key }: { runId: string; key: string },
): AsyncGenerator<SeriesPart> {
  let token = '';
  do {
    const answer = await calls.get(`${API}/metrics/get-history`, {
      run_id: runId,
      metric_key: key,
      max_results: PAGE.points,
      ...(token !== '' && { page_token: token }),
    });
    const metrics = listOf(answer.metrics);
    const points = metrics.map(toPoint).filter((point) => point !== undefined);
    if (points.length < metrics.length) {
      tell.broken(
        `${calls.url}: metric ${key} of run ${runId}`,
        `${metrics.length - points.length} entries are no points`,
      );
    }
    if (points.length > 0) yield { key, points };
    token = nextToken(answer, token);
  } while (token !== '');
}

/** Models and prompts: a server hides prompts from a search that does not ask for them. */
async function* readModels(calls: ServerCalls, tell: Tell): AsyncGenerator<SourceModel> {
  for (const filter of [`tag.${IS_PROMPT} != 'true'`, `tag.${IS_PROMPT} = 'true'`]) {
    let token = '';
    do {
      const answer = await calls.get(`${API}/registered-models/search`, {
        filter,
        max_results: PAGE.models,
        ...(token !== '' && { page_token: token }),
      });
      for (const model of listOf(answer.registered_models)) {
        const found = await tell.around(() => readModel(calls, tell, model));
        if (found !== undefined) yield found;
      }
      token = nextToken(answer, token);
    } while (token !== '');
  }
}

async function readModel(calls: ServerCalls, tell: Tell, model: Json): Promise<SourceModel> {
  const versions = [];
  const name = String(model.name ?? '');
  const isPrompt = listOf(model.tags).some(({ key, value }) => key === 'mlflow.prompt.is_prompt' && value === 'true');
  // A quote cannot be escaped in the grammar, but there are two kinds of them.
  const quote = name.includes("'") ? '"' : "'";
  const filter = `name = ${quote}${name}${quote}${isPrompt ? ` AND tag.${IS_PROMPT} = 'true'` : ''}`;
  let token = '';
  do {
    const answer = await calls.get(`${API}/model-versions/search`, {
      filter,
      max_results: PAGE.versions,
      ...(token !== '' && { page_token: token }),
    });
    for (const one of listOf(answer.model_versions)) {
      const version = tell.attempt(() => toVersion(one, calls.url));
      if (version !== undefined) versions.push(version);
    }
    token = nextToken(answer, token);
  } while (token !== '');
  return toModel(
    model,
    versions.sort((a, b) => a.version - b.version),
    calls.url,
  );
}

/** Everything of a search that pages by tokens. */
async function* pages(
  calls: ServerCalls,
  path: string,
  request: object,
  list: string,
  isOptional = false,
): AsyncGenerator<Json> {
  let token = '';
  do {
    const body = { ...request, ...(token !== '' && { page_token: token }) };
    const answer = isOptional ? await calls.tryPost(path, body) : await calls.post(path, body);
    if (answer === undefined) return;
    yield* listOf(answer[list]);
    token = nextToken(answer, token);
  } while (token !== '');
}

/** "" at the end; also where a server gives the same page for ever. */
function nextToken({ next_page_token: next }: Json, before: string): string {
  return typeof next === 'string' && next !== before ? next : '';
}
