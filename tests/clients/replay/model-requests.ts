import { get, patch, post, put, type ReplayRequest, remove } from './request-types.js';

const files = '/api/2.0/mlflow-artifacts/artifacts';
const folder = `${files}/{experiment}/{run}/artifacts`;
const model = { name: 'replayed' };
const version = (number: string, more: object = {}) => ({ ...model, version: number, ...more });

/** Files through the proxy. */
export const fileRequests: readonly ReplayRequest[] = [
  put('write a file', `${folder}/notes/a.txt`, 'hello'),
  put('write a file of letters', `${folder}/notes/%C3%BC%20b.txt`, 'grün'),
  put('write it anew', `${folder}/notes/a.txt`, 'hello again'),
  get('read a file', `${folder}/notes/a.txt`),
  get('read a file that is not', `${folder}/notes/none.txt`),
  get('list the root of the run', `${files}?path={experiment}/{run}/artifacts`),
  get('list a folder', `${files}?path={experiment}/{run}/artifacts/notes`),
  get('list what is not', `${files}?path={experiment}/{run}/artifacts/none`),
  get('list by run', 'artifacts/list?run_id={run}'),
  get('list a folder by run', 'artifacts/list?run_id={run}&path=notes'),
  get('list outside of the run', 'artifacts/list?run_id={run}&path=../..'),
  get('list of a run that is not', `artifacts/list?run_id=${'0'.repeat(32)}`),
  get('read outside of the tree', `${files}/..%2f..%2fetc%2fpasswd`),
  put('write outside of the tree', `${files}/..%2f..%2fx`, 'x'),
  remove('delete outside of the tree', `${files}/..%2f..%2fx`),
  get('read by run', '/get-artifact?run_id={run}&path=notes/a.txt'),
  get('read by run what is outside', '/get-artifact?run_id={run}&path=../../../x'),
  remove('delete a file', `${folder}/notes/a.txt`),
  get('read the deleted file', `${folder}/notes/a.txt`),
];

/** Models that runs have written. */
export const loggedModelRequests: readonly ReplayRequest[] = [
  post(
    'log a model',
    'logged-models',
    {
      experiment_id: '{experiment}',
      name: 'candidate',
      model_type: 'classifier',
      source_run_id: '{run}',
      params: [{ key: 'trees', value: '5' }],
      tags: [{ key: 'a', value: 'b' }],
    },
    { save: { model: 'model.info.model_id' } },
  ),
  post('log a model with an odd name', 'logged-models', { experiment_id: '{experiment}', name: 'a/b' }),
  post('log a model of what is not', 'logged-models', { experiment_id: '987654', name: 'a' }),
  post('log a model without an experiment', 'logged-models', { name: 'a' }),
  get('the logged model', 'logged-models/{model}'),
  get('a logged model that is not', `logged-models/m-${'0'.repeat(32)}`),
  patch('finish the logged model', 'logged-models/{model}', { model_id: '{model}', status: 'LOGGED_MODEL_READY' }),
  patch('tag the logged model', 'logged-models/{model}/tags', {
    model_id: '{model}',
    tags: [{ key: 'c', value: 'd' }],
  }),
  remove('delete its tag', 'logged-models/{model}/tags/c'),
  post('give it parameters', 'logged-models/{model}/params', {
    model_id: '{model}',
    params: [{ key: 'depth', value: '3' }],
  }),
  post('measure it', 'runs/log-metric', {
    run_id: '{run}',
    key: 'auc',
    value: 0.5,
    timestamp: 5,
    step: 1,
    model_id: '{model}',
    dataset_name: 'harbour',
    dataset_digest: 'd1',
  }),
  post('write it as output', 'runs/outputs', { run_id: '{run}', models: [{ model_id: '{model}', step: 2 }] }),
  get('the measured model', 'logged-models/{model}'),
  get('the run with its output', 'runs/get?run_id={run}'),
  post('search logged models', 'logged-models/search', {
    experiment_ids: ['{experiment}'],
    filter: "name = 'candidate'",
  }),
  post('search them by metric', 'logged-models/search', {
    experiment_ids: ['{experiment}'],
    filter: 'metrics.auc > 0.4',
  }),
  post('search them by parameter', 'logged-models/search', {
    experiment_ids: ['{experiment}'],
    filter: "params.trees = '6'",
  }),
  post('search them without an experiment', 'logged-models/search', {}),
  remove('delete the tag of what is not', `logged-models/m-${'0'.repeat(32)}/tags/c`),
];

/** The registry. */
export const registryRequests: readonly ReplayRequest[] = [
  post('register', 'registered-models/create', { ...model, description: 'ä', tags: [{ key: 'team', value: 'x' }] }),
  post('register again', 'registered-models/create', model),
  post('register without a name', 'registered-models/create', {}),
  post('register an empty name', 'registered-models/create', { name: '' }),
  post('register a path', 'registered-models/create', { name: 'a/b' }),
  get('the model', 'registered-models/get?name=replayed'),
  get('a model that is not', 'registered-models/get?name=nobody'),
  get('a model without a name', 'registered-models/get'),
  patch('describe the model', 'registered-models/update', { ...model, description: 'new' }),
  post('tag the model', 'registered-models/set-tag', { ...model, key: 'a', value: 'b' }),
  remove('untag the model', 'registered-models/delete-tag', { ...model, key: 'a' }),
  remove('untag it again', 'registered-models/delete-tag', { ...model, key: 'a' }),
  post('tag a model that is not', 'registered-models/set-tag', { name: 'nobody', key: 'a', value: 'b' }),
  ...[1, 2, 3].map((number) =>
    post(`create version ${number}`, 'model-versions/create', {
      ...model,
      source: 'mlflow-artifacts:/{experiment}/{run}/artifacts/notes',
      run_id: '{run}',
      description: `v${number}`,
      tags: [{ key: 'n', value: `${number}` }],
    }),
  ),
  post('create a version of what is not', 'model-versions/create', {
    name: 'nobody',
    source: 'mlflow-artifacts:/{experiment}/{run}/artifacts/notes',
    run_id: '{run}',
  }),
  post('create a version without a source', 'model-versions/create', model),
  post('create a version of a path of the server', 'model-versions/create', {
    ...model,
    source: '/etc',
    run_id: '{run}',
  }),
  post('create a version of an outside path', 'model-versions/create', {
    ...model,
    source: 'mlflow-artifacts:/{experiment}/{run}/artifacts/../../../x',
    run_id: '{run}',
  }),
  get('a version', 'model-versions/get?name=replayed&version=2'),
  get('a version that is not', 'model-versions/get?name=replayed&version=99'),
  get('a version that is no number', 'model-versions/get?name=replayed&version=two'),
  get('a version without a name', 'model-versions/get?version=1'),
  patch('describe a version', 'model-versions/update', version('1', { description: 'changed' })),
  post('tag a version', 'model-versions/set-tag', version('1', { key: 'a', value: 'b' })),
  remove('untag a version', 'model-versions/delete-tag', version('1', { key: 'a' })),
  get('where a version is', 'model-versions/get-download-uri?name=replayed&version=1'),
  post(
    'move to a stage',
    'model-versions/transition-stage',
    version('1', { stage: 'Production', archive_existing_versions: false }),
  ),
  post(
    'move the next and archive',
    'model-versions/transition-stage',
    version('2', { stage: 'production', archive_existing_versions: true }),
  ),
  post('latest versions', 'registered-models/get-latest-versions', model, { unordered: { model_versions: 'version' } }),
  get('latest versions by GET', 'registered-models/get-latest-versions?name=replayed&stages=Production'),
  post('latest versions of what is not', 'registered-models/get-latest-versions', { name: 'nobody' }),
  post('set an alias', 'registered-models/alias', version('2', { alias: 'champion' })),
  post('set an alias to what is not', 'registered-models/alias', version('99', { alias: 'ghost' })),
  post('set a word of the server as alias', 'registered-models/alias', version('2', { alias: 'latest' })),
  post('set a number as alias', 'registered-models/alias', version('2', { alias: 'v3' })),
  get('by alias', 'registered-models/alias?name=replayed&alias=champion'),
  get('by an alias that is not', 'registered-models/alias?name=replayed&alias=none'),
  remove('delete an alias that is not', 'registered-models/alias', { ...model, alias: 'none' }),
  get('the model with its versions', 'registered-models/get?name=replayed'),
  get('search models', "registered-models/search?filter=name%20LIKE%20'repl%25'&max_results=10"),
  get('search models by tag', "registered-models/search?filter=tags.team%20%3D%20'x'&max_results=10"),
  get('search models with a filter that is none', 'registered-models/search?filter=colour%20%3D%201&max_results=10'),
  get('search too many models', 'registered-models/search?max_results=1001'),
  get('search versions', "model-versions/search?filter=name%20%3D%20'replayed'&max_results=10"),
  get(
    'search versions by run',
    "model-versions/search?filter=run_id%20%3D%20'{run}'&order_by=version_number%20ASC&max_results=2",
  ),
  get('search versions with a filter that is none', 'model-versions/search?filter=colour%20%3D%201&max_results=10'),
  remove('delete a version', 'model-versions/delete', version('3')),
  get('the deleted version', 'model-versions/get?name=replayed&version=3'),
  remove('delete it once more', 'model-versions/delete', version('3')),
  post('rename the model', 'registered-models/rename', { ...model, new_name: 'renamed' }),
  get('the renamed model', 'registered-models/get?name=renamed'),
  get('the old name', 'registered-models/get?name=replayed'),
  remove('delete the model', 'registered-models/delete', { name: 'renamed' }),
  remove('delete a model that is not', 'registered-models/delete', { name: 'renamed' }),
];

/** Framing: what does not reach any of the calls above. */
export const framingRequests: readonly ReplayRequest[] = [
  get('health', '/health'),
  get('a call that is not', 'runs/nothing'),
  post('a call with a wrong method', 'runs/get', {}),
  get('a call that is not of any prefix', '/api/2.0/nothing'),
  post('a body that is no JSON', 'runs/create', '{"experiment_id": ', {
    headers: { 'content-type': 'application/json' },
  }),
  post('a body that is a text', 'runs/create', '"text"', { headers: { 'content-type': 'application/json' } }),
  post('a body with null', 'runs/create', { experiment_id: null }),
  post('log an input without a digest', 'runs/log-inputs', {
    run_id: '{unnamed}',
    datasets: [{ dataset: { name: 'a', source_type: 'l', source: '{}' } }],
  }),
  get('a flag that is none', 'experiments/search?max_results=many'),
];
