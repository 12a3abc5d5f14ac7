import type { TensorSpec } from '../../../platform/inference/index.js';
import type { ModelInput, ModelSignature } from '../../training/index.js';
import type { LiveModel } from '../serving-types.js';
import { exampleRows } from './example-rows.js';

/** The OpenAPI 3.1 document of one endpoint: its columns by name and type, and a request that works as it stands. */
export function endpointOpenApi({ deployment, signature, outputs }: LiveModel): Record<string, unknown> {
  const { endpoint, environment, version, model, digest } = deployment;
  const example = { rows: exampleRows(signature).slice(1, 2) };
  const prefix = environment === 'production' ? '' : `/environments/${environment}`;
  const columns = Object.fromEntries(signature.inputs.map((input) => [input.name, columnSchema(input)]));
  const contexts = signature.contextColumns.filter((name) => !Object.hasOwn(columns, name));
  for (const name of contexts) {
    columns[name] = {
      type: ['string', 'number', 'boolean', 'null'],
      description: 'Kept with the prediction; not read.',
    };
  }
  const row = {
    type: 'object',
    properties: columns,
    required: signature.inputs.filter(({ nullable }) => !nullable).map(({ name }) => name),
    additionalProperties: false,
  };
  const operation = {
    operationId: 'predict',
    summary: signature.target === '' ? `Ask ${model}` : `Predict ${signature.target}`,
    requestBody: { required: true, content: { 'application/json': { schema: requestSchema(row), example } } },
    responses: {
      200: {
        description: 'One prediction per row.',
        content: { 'application/json': { schema: answerSchema(signature, outputs) } },
      },
      400: { description: 'SRV_INPUT_INVALID: the cells that do not fit, by row and column.' },
      409: { description: 'SRV_NOT_ROUTED: no version is live.' },
      503: {
        description: 'The live model is not loaded, or too many requests wait: after `Retry-After` seconds again.',
      },
    },
  };
  return {
    openapi: '3.1.0',
    info: {
      title: `${endpoint} (${environment})`,
      version: String(version),
      description: `Version ${version} of ${model}, sha256 ${digest}.`,
    },
    paths: { [`/api/v1${prefix}/endpoints/${endpoint}/predict`]: { post: operation } },
  };
}

function columnSchema({ type, nullable, min, max, categories }: ModelInput): Record<string, unknown> {
  const seen =
    categories !== undefined && categories.length > 0
      ? `Seen in training: ${categories
          .slice(0, 50)
          .map((category) => JSON.stringify(category))
          .join(', ')}.`
      : min !== undefined && max !== undefined
        ? `Seen in training: ${min} to ${max}.`
        : undefined;
  // ISO 8601 text, or epoch milliseconds.
  const types = type === 'timestamp' ? ['string', 'integer'] : [type];
  const [only = type] = types;
  const accepted = nullable ? [...types, 'null'] : types.length > 1 ? types : only;
  return { type: accepted, ...(seen !== undefined && { description: seen }) };
}

function requestSchema(row: object): object {
  const ids = { type: 'array', items: { type: 'string', minLength: 1, maxLength: 200 } };
  return {
    type: 'object',
    properties: { rows: { type: 'array', minItems: 1, items: row }, ids },
    required: ['rows'],
    additionalProperties: false,
  };
}

function answerSchema(signature: ModelSignature, outputs: readonly TensorSpec[]): object {
  const { task, labels } = signature;
  const ofClasses = ['label', 'probabilities'];
  const rest = task === 'classification' ? outputs.filter(({ name }) => !ofClasses.includes(name)) : outputs;
  const hasRest = task === 'classification' ? rest.length > 0 : rest.length > 1 || rest.some(isWide);
  const probabilities = Object.fromEntries(labels.map((label) => [label, { type: 'number', minimum: 0, maximum: 1 }]));
  return {
    type: 'object',
    properties: {
      requestId: { type: 'string' },
      model: { type: 'string' },
      version: { type: 'integer' },
      digest: { type: 'string' },
      routeReason: { type: 'string' },
      predictions: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            id: { type: 'string' },
            label: { type: 'string', ...(labels.length > 0 && { enum: labels }) },
            probabilities: { type: 'object', properties: probabilities },
            ...(task !== 'classification' && {
              value: { type: 'number', description: 'The number; label is its text.' },
            }),
            ...(hasRest && { outputs: { type: 'object', properties: outputSchemas(rest) } }),
          },
        },
      },
      warnings: { type: 'array', items: { type: 'object' } },
    },
  };
}

const isWide = ({ shape }: TensorSpec) => shape.slice(1).some((size) => size !== 1);

function outputSchemas(outputs: readonly TensorSpec[]): Record<string, object> {
  return Object.fromEntries(
    outputs.map((output) => {
      const type = output.datatype === 'BYTES' ? 'string' : output.datatype === 'BOOL' ? 'boolean' : 'number';
      return [output.name, isWide(output) ? { type: 'array', items: { type } } : { type }];
    }),
  );
}
