import type { ExperimentField, LoggedModelField, RunField } from '../../../rooms/tracking/index.js';
import { storeArtifactRoot } from '../artifact-root.js';
import type { FieldRule, KeyedRule, Vocabulary } from './vocabulary.js';

const text = <Field extends string>(field: Field): FieldRule<Field> => ({ field, takes: 'text' });
const number = <Field extends string>(field: Field): FieldRule<Field> => ({ field, takes: 'number' });
const listed = <Field extends string>(field: Field): FieldRule<Field> => ({ field, takes: 'text', lists: true });

const metrics = { field: 'metric', takes: 'number', keyed: true } as const;
const params = { field: 'param', takes: 'text', keyed: true } as const;
const runParams = { ...params, nullable: true };

const runAttributes: Readonly<Record<string, FieldRule<RunField>>> = {
  run_id: listed('id'),
  run_name: listed('name'),
  'run name': listed('name'),
  'Run name': listed('name'),
  'Run Name': listed('name'),
  user_id: listed('userName'),
  status: {
    field: 'status',
    takes: 'text',
    lists: true,
    words: { RUNNING: 'running', SCHEDULED: 'scheduled', FINISHED: 'finished', FAILED: 'failed', KILLED: 'killed' },
  },
  artifact_uri: { ...listed('artifactRoot'), store: storeArtifactRoot },
  start_time: number('startedAt'),
  end_time: number('endedAt'),
  created: number('startedAt'),
  Created: number('startedAt'),
};

const runTags: KeyedRule<RunField> = {
  field: 'tag',
  takes: 'text',
  keyed: true,
  nullable: true,
  reserved: {
    'mlflow.runName': { ...text('name'), nullable: true },
    'mlflow.parentRunId': { ...text('parent'), nullable: true },
    'mlflow.note.content': 'unsearchable',
  },
};

const datasets: Readonly<Record<string, FieldRule<RunField>>> = {
  name: { ...listed('dataset.name'), only: 'filter' },
  digest: { ...listed('dataset.digest'), only: 'filter' },
  context: { ...listed('dataset.context'), only: 'filter' },
};

export const runVocabulary: Vocabulary<RunField> = {
  attributes: runAttributes,
  groups: {
    metric: metrics,
    metrics,
    parameter: runParams,
    parameters: runParams,
    param: runParams,
    params: runParams,
    tag: runTags,
    tags: runTags,
    attribute: runAttributes,
    attributes: runAttributes,
    attr: runAttributes,
    run: runAttributes,
    dataset: datasets,
    datasets,
  },
};

const experimentAttributes: Readonly<Record<string, FieldRule<ExperimentField>>> = {
  name: text('name'),
  experiment_id: listed('id'),
  creation_time: number('createdAt'),
  last_update_time: number('updatedAt'),
};

const experimentTags: KeyedRule<ExperimentField> = {
  field: 'tag',
  takes: 'text',
  keyed: true,
  nullable: true,
  only: 'filter',
  reserved: { 'mlflow.note.content': 'unsearchable' },
};

export const experimentVocabulary: Vocabulary<ExperimentField> = {
  attributes: experimentAttributes,
  groups: {
    attribute: experimentAttributes,
    attributes: experimentAttributes,
    tag: experimentTags,
    tags: experimentTags,
  },
};

const loggedModelAttributes: Readonly<Record<string, FieldRule<LoggedModelField>>> = {
  name: listed('name'),
  model_id: listed('id'),
  model_type: listed('modelType'),
  status: {
    field: 'status',
    takes: 'text',
    lists: true,
    words: {
      PENDING: 'pending',
      READY: 'ready',
      FAILED: 'failed',
      LOGGED_MODEL_PENDING: 'pending',
      LOGGED_MODEL_READY: 'ready',
      LOGGED_MODEL_UPLOAD_FAILED: 'failed',
    },
  },
  source_run_id: listed('sourceRunId'),
  creation_timestamp: number('createdAt'),
  creation_timestamp_ms: number('createdAt'),
  creation_time: number('createdAt'),
  last_updated_timestamp: number('updatedAt'),
  last_updated_timestamp_ms: number('updatedAt'),
  last_updated_time: number('updatedAt'),
};

export const loggedModelVocabulary: Vocabulary<LoggedModelField> = {
  attributes: loggedModelAttributes,
  groups: {
    attributes: loggedModelAttributes,
    metrics,
    params: { ...params, only: 'filter' },
    tags: { field: 'tag', takes: 'text', keyed: true, only: 'filter' },
  },
};
