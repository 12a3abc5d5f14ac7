import type { Operation } from './make-attempts.js';
import type { Schema } from './schema-samples.js';

/** What this test reads of the OpenAPI document. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
}

interface OperationObject {
  readonly operationId?: string;
  readonly parameters?: Operation['parameters'];
  readonly requestBody?: { readonly content?: Operation['content'] };
  readonly responses?: Readonly<Record<string, unknown>>;
}

/** What the Open Inference Protocol says, whose routes describe themselves to its own clients. */
const INFER: Schema = {
  type: 'object',
  required: ['inputs'],
  properties: { id: { type: 'string' }, inputs: { type: 'array' }, parameters: { type: 'object' } },
};
/** Routes that take streams, and those that need no body, get one of every kind. */
const UNDESCRIBED: Operation['content'] = {
  'application/octet-stream': {},
  'text/csv': {},
  'application/json': { schema: { type: 'object' } },
};

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options']);

/** Every operation of the document, none left out. */
export function readOperations({ paths }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.has(method))
      .map(([method, operation]) => ({
        id: operation.operationId ?? `${method} ${path}`,
        method: method.toUpperCase(),
        path,
        parameters: operation.parameters ?? [],
        content: operation.requestBody?.content ?? contentOf(method, path),
        responses: Object.keys(operation.responses ?? {}),
      })),
  );
}

function contentOf(method: string, path: string): Operation['content'] {
  if (method === 'get' || method === 'delete' || method === 'head') return {};
  return path.endsWith('/infer') ? { 'application/json': { schema: INFER } } : UNDESCRIBED;
}
