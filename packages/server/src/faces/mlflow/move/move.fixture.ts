import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'libsql';
import { onTestFinished } from 'vitest';
import type { FileOwner, ImportSource, SeriesPart, SourceProblem } from './import-source.js';

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-move-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files by their paths; what a path leads through is made. */
export function writeFiles(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

export const RUN_ID = '80d5118f1f8048d58e325f67d9b0ef79';
export const MODEL_ID = 'm-f47d7db8a5224bcfb6727f93d37872e9';
const EXPERIMENT = '272820270892047914';

const run = (id: string, lines: string) =>
  `artifact_uri: file:///old/place/mlruns/${EXPERIMENT}/${id}/artifacts\nexperiment_id: '${EXPERIMENT}'\nrun_id: ${id}\n` +
  `lifecycle_stage: active\nend_time: null\nstart_time: 1700000000000\nuser_id: ada\nstatus: 3\ntags: []\n${lines}`;

/** An mlruns folder as the client 3.17 writes it (names, numbers and layout copied from one), moved from /old/place. */
export function writeMlruns(root: string): void {
  const experiment = (id: string, name: string, stage: string) =>
    `artifact_location: file:///old/place/mlruns/${id}\ncreation_time: 1795258644927\nexperiment_id: '${id}'\n` +
    `last_update_time: 1795258644928\nlifecycle_stage: ${stage}\nname: ${name}\nworkspace: default\n`;
  const at = `${EXPERIMENT}/${RUN_ID}`;
  writeFiles(root, {
    '0/meta.yaml': experiment('0', 'Default', 'active'),
    '.trash/7/meta.yaml': experiment('7', '"gone"', 'deleted'),
    [`${EXPERIMENT}/meta.yaml`]: experiment(EXPERIMENT, '"\\xC4rger / \\u2603"', 'active'),
    [`${EXPERIMENT}/tags/team`]: 'north',
    [`${EXPERIMENT}/datasets/d1/meta.yaml`]: `digest: abc123\nname: weather\nprofile: null\nschema: '{"a": 1}'\nsource: '{}'\nsource_type: http\n`,
    [`${at}/meta.yaml`]: run(RUN_ID, 'run_name: first\nend_time_unknown: 1\n'),
    [`${at}/params/depth`]: '4',
    [`${at}/params/empty`]: '',
    [`${at}/tags/mlflow.note.content`]: 'a: "b"\nc',
    [`${at}/metrics/loss`]: '1700000000000 0.5 0\n1700000000001 nan 1\n1700000000002 -inf -3\n1700000000003 1e-07 2\n',
    [`${at}/metrics/valid/acc`]: '1700000000009 0.75 5 weather abc123\n',
    [`${at}/inputs/i1/meta.yaml`]: `source_type: DATASET\nsource_id: d1\ndestination_type: RUN\ntags:\n  mlflow.data.context: train\n`,
    [`${at}/inputs/i2/meta.yaml`]: `source_type: MODEL\nsource_id: ${MODEL_ID}\ndestination_type: RUN\ntags: {}\n`,
    [`${at}/outputs/${MODEL_ID}/meta.yaml`]: `destination_id: ${MODEL_ID}\ndestination_type: MODEL_OUTPUT\nsource_id: ${MODEL_ID}\nsource_type: RUN_OUTPUT\nstep: 5\ntags: {}\n`,
    [`${at}/artifacts/plots/räin 100%.txt`]: 'rain',
    [`${at}/artifacts/empty.bin`]: '',
    [`${EXPERIMENT}/models/${MODEL_ID}/meta.yaml`]: `artifact_location: file:///old/place/mlruns/${EXPERIMENT}/models/${MODEL_ID}/artifacts\ncreation_timestamp: 1795258645015\nexperiment_id: '${EXPERIMENT}'\nlast_updated_timestamp: 1795258645020\nmodel_id: ${MODEL_ID}\nmodel_type: classifier\nname: forest\nsource_run_id: ${RUN_ID}\nstatus: 2\nstatus_message: null\n`,
    [`${EXPERIMENT}/models/${MODEL_ID}/metrics/acc`]: `1700000010000 0.75 5 ${RUN_ID} my weather abc123\n`,
    [`${EXPERIMENT}/models/${MODEL_ID}/artifacts/MLmodel`]: 'flavors: {}\n',
    'models/rain/meta.yaml': `creation_timestamp: 1795258645036\ndescription: 'Predicts rain\n\n  well'\nlast_updated_timestamp: 1795258645095\nname: rain\n`,
    'models/rain/aliases/champion': '3',
    'models/rain/tags/owner': 'ops',
    'models/rain/version-3/meta.yaml': `creation_timestamp: 1795258645053\ncurrent_stage: Production\ndescription: null\nlast_updated_timestamp: 1795258645070\nname: rain\nrun_id: ${RUN_ID}\nrun_link: null\nsource: file:///old/place/mlruns/${at}/artifacts/plots\nstatus: READY\nversion: 3\n`,
    'models/rain/version-2/meta.yaml': `creation_timestamp: 1795258645050\ncurrent_stage: Deleted_Internal\nlast_updated_timestamp: 1795258645071\nname: rain\nsource: ''\nversion: 2\n`,
  });
}

/** The tables of a database of MLflow 3.17 that are read, with the columns that count. 2.x has fewer of them. */
export function writeDatabase(path: string, version: '2' | '3'): void {
  const db = new Database(path);
  const workspace = version === '3' ? ", workspace VARCHAR(63) DEFAULT 'default' NOT NULL" : '';
  db.exec(`
    CREATE TABLE experiments (experiment_id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(256), artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32), creation_time BIGINT, last_update_time BIGINT${workspace});
    CREATE TABLE experiment_tags (key VARCHAR(250), value VARCHAR(5000), experiment_id INTEGER);
    CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(250), user_id VARCHAR(256), status VARCHAR(9), start_time BIGINT, end_time BIGINT, lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200), experiment_id INTEGER, deleted_time BIGINT);
    CREATE TABLE params (key VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32), PRIMARY KEY (key, run_uuid));
    CREATE TABLE tags (key VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32), PRIMARY KEY (key, run_uuid));
    CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL, PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));
    CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);
    CREATE TABLE inputs (input_uuid VARCHAR(36), source_type VARCHAR(36), source_id VARCHAR(36), destination_type VARCHAR(36), destination_id VARCHAR(36)${version === '3' ? ", step BIGINT DEFAULT '0' NOT NULL" : ''});
    CREATE TABLE input_tags (input_uuid VARCHAR(36), name VARCHAR(255), value VARCHAR(500));
    CREATE TABLE datasets (dataset_uuid VARCHAR(36), experiment_id INTEGER, name VARCHAR(500), digest VARCHAR(36), dataset_source_type VARCHAR(36), dataset_source TEXT, dataset_schema TEXT, dataset_profile TEXT);
    CREATE TABLE registered_models (name VARCHAR(256), creation_time BIGINT, last_updated_time BIGINT, description VARCHAR(5000)${workspace});
    CREATE TABLE registered_model_tags (key VARCHAR(250), value VARCHAR(5000), name VARCHAR(256)${workspace});
    CREATE TABLE registered_model_aliases (alias VARCHAR(256), version INTEGER, name VARCHAR(256)${workspace});
    CREATE TABLE model_versions (name VARCHAR(256), version INTEGER, creation_time BIGINT, last_updated_time BIGINT, description VARCHAR(5000), user_id VARCHAR(256), current_stage VARCHAR(20), source VARCHAR(500), run_id VARCHAR(32), status VARCHAR(20), run_link VARCHAR(500), storage_location VARCHAR(500)${workspace});
    CREATE TABLE model_version_tags (key VARCHAR(250), value VARCHAR(5000), name VARCHAR(256), version INTEGER${workspace});
    INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time) VALUES (0, 'Default', 'mlflow-artifacts:/0', 'active', 1, 2), (1, 'Ärger / ☃', 'mlflow-artifacts:/1', 'active', 1795258644927, 1795258644928), (2, 'gone', 'mlflow-artifacts:/2', 'deleted', NULL, NULL);
    INSERT INTO experiment_tags VALUES ('team', 'north', 1);
    INSERT INTO runs VALUES ('${RUN_ID}', 'first', 'ada', 'FINISHED', 1700000000000, NULL, 'active', 'mlflow-artifacts:/1/${RUN_ID}/artifacts', 1, NULL), ('0bf83d4756eb43798e9b7f8265f00a40', 'deleted run', 'ada', 'KILLED', 1, 2, 'deleted', 'mlflow-artifacts:/1/0bf83d4756eb43798e9b7f8265f00a40/artifacts', 1, 3);
    INSERT INTO params VALUES ('depth', '4', '${RUN_ID}'), ('empty', '', '${RUN_ID}');
    INSERT INTO tags VALUES ('mlflow.note.content', 'a: "b"', '${RUN_ID}');
    INSERT INTO metrics VALUES ('loss', 0.5, 1700000000000, '${RUN_ID}', 0, 0), ('loss', 0, 1700000000001, '${RUN_ID}', 1, 1), ('loss', -1.7976931348623157e308, 1700000000002, '${RUN_ID}', -3, 0);
    INSERT INTO datasets VALUES ('d1', 1, 'weather', 'abc123', 'http', '{}', '{"a": 1}', NULL);
    INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id) VALUES ('i1', 'DATASET', 'd1', 'RUN', '${RUN_ID}');
    INSERT INTO input_tags VALUES ('i1', 'mlflow.data.context', 'train');
    INSERT INTO registered_models (name, creation_time, last_updated_time, description) VALUES ('rain', 1, 2, 'Predicts rain');
    INSERT INTO registered_model_aliases (alias, version, name) VALUES ('champion', 3, 'rain');
    INSERT INTO model_versions (name, version, creation_time, last_updated_time, current_stage, source, run_id, status, run_link) VALUES ('rain', 2, 1, 2, 'Deleted_Internal', 'REDACTED-SOURCE-PATH', 'REDACTED-RUN-ID', 'READY', 'REDACTED-RUN-LINK'), ('rain', 3, 1, 2, 'Production', 'mlflow-artifacts:/1/${RUN_ID}/artifacts/plots', '${RUN_ID}', 'READY', NULL);
    INSERT INTO model_version_tags (key, value, name, version) VALUES ('q', '1', 'rain', 3);
  `);
  if (version === '3') {
    db.exec(`
      CREATE TABLE logged_models (model_id VARCHAR(36) PRIMARY KEY, experiment_id INTEGER, name VARCHAR(500), artifact_location VARCHAR(1000), creation_timestamp_ms BIGINT, last_updated_timestamp_ms BIGINT, status INTEGER, lifecycle_stage VARCHAR(32), model_type VARCHAR(500), source_run_id VARCHAR(32), status_message VARCHAR(1000));
      CREATE TABLE logged_model_metrics (model_id VARCHAR(36), metric_name VARCHAR(500), metric_timestamp_ms BIGINT, metric_step BIGINT, metric_value FLOAT, experiment_id INTEGER, run_id VARCHAR(32), dataset_uuid VARCHAR(36), dataset_name VARCHAR(500), dataset_digest VARCHAR(36));
      CREATE TABLE logged_model_params (model_id VARCHAR(36), experiment_id INTEGER, param_key VARCHAR(255), param_value TEXT);
      CREATE TABLE logged_model_tags (model_id VARCHAR(36), experiment_id INTEGER, tag_key VARCHAR(255), tag_value TEXT);
      CREATE TABLE trace_info (request_id VARCHAR(50));
      INSERT INTO logged_models VALUES ('${MODEL_ID}', 1, 'forest', 'mlflow-artifacts:/1/models/${MODEL_ID}/artifacts', 5, 6, 2, 'active', 'classifier', '${RUN_ID}', NULL);
      INSERT INTO logged_model_metrics VALUES ('${MODEL_ID}', 'acc', 1700000010000, 5, 0.75, 1, '${RUN_ID}', NULL, 'weather', 'abc123');
      INSERT INTO logged_model_params VALUES ('${MODEL_ID}', 1, 'trees', '10');
      INSERT INTO inputs VALUES ('o1', 'RUN_OUTPUT', '${RUN_ID}', 'MODEL_OUTPUT', '${MODEL_ID}', 5), ('i2', 'RUN_INPUT', '${RUN_ID}', 'MODEL_INPUT', '${MODEL_ID}', 0);
      INSERT INTO registered_models (name, workspace) VALUES ('rain', 'other');
      INSERT INTO trace_info VALUES ('t1'), ('t2');
    `);
  }
  db.close();
}

const readFile = async (bytes: AsyncIterable<Uint8Array>) => {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex').slice(0, 8);
};

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function filesOf(source: ImportSource, owner: FileOwner) {
  const files: [string, string][] = [];
  for await (const file of source.files(owner)) files.push([file.path, await readFile(file.open())]);
  return Object.fromEntries(files.sort());
}

function seriesOf(parts: readonly SeriesPart[]) {
  const series: Record<string, string[]> = {};
  for (const { key, points } of parts) {
    series[key] = [...(series[key] ?? []), ...points.map((p) => `${p.step} ${p.timestampMs} ${p.value}`)].sort();
  }
  return series;
}

/** Everything of a source, in an order of its own, so that two of them can be compared. */
export async function readWhole(source: ImportSource) {
  const experiments = [];
  for (const { artifactRoot: _, ...experiment } of await all(source.experiments())) {
    const runs = [];
    for (const run of await all(source.runs(experiment.id))) {
      const { artifactRoot: _root, ...facts } = run;
      const series = seriesOf(await all(source.points(run)));
      runs.push({ ...facts, series, files: await filesOf(source, { kind: 'run', ...run }) });
    }
    const models = [];
    for (const model of await all(source.loggedModels(experiment.id))) {
      const { artifactRoot: _root, ...facts } = model;
      models.push({ ...facts, files: await filesOf(source, { kind: 'logged-model', ...model }) });
    }
    experiments.push({ ...experiment, runs: runs.sort(byId), models: models.sort(byId) });
  }
  const models = (await all(source.models())).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { experiments: experiments.sort(byId), models };
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

/** Problems as a test states them: code and the end of the place. */
export function problemList() {
  const problems: SourceProblem[] = [];
  return {
    onProblem: (problem: SourceProblem) => void problems.push(problem),
    problems,
    codes: () => problems.map(({ code, place }) => `${code} ${place.split('/').slice(-2).join('/')}`).sort(),
  };
}
