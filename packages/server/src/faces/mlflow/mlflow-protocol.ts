import type { ErrorView, ForeignProtocol } from '../../platform/http/index.js';

/** Of a call at `/api/2.0/mlflow/<path>`; the second prefix is the one that MLflow's own web UI uses. */
export const CALL_PREFIXES = ['/api/2.0/mlflow', '/ajax-api/2.0/mlflow'] as const;

/** Of files, by their place. */
export const FILE_PREFIXES = ['/api/2.0/mlflow-artifacts', '/ajax-api/2.0/mlflow-artifacts'] as const;

/** Routes of this face are not in our OpenAPI document: they are MLflow's contract. */
export const hidden = { schema: { hide: true } } as const;

/**
 * What `/version` answers. Clients read it for one decision: from 3.4 on they send spans to /v1/traces, which this server
 * does not take, instead of keeping them as files of the run, which it does. 3.3 has everything else that is served here.
 */
export const mlflowVersion = '3.3.2';

/** MLflow's name for an error, the status it stands under, and words that its users know it by. */
type Answer = readonly [errorCode: string, status: number, lead?: string];

const INVALID: Answer = ['INVALID_PARAMETER_VALUE', 400];
const EXISTS: Answer = ['RESOURCE_ALREADY_EXISTS', 400];

/** Errors for which MLflow's clients expect another answer than the status alone would give. */
const BY_CODE: Readonly<Record<string, Answer>> = {
  HTTP_ROUTE_NOT_FOUND: ['ENDPOINT_NOT_FOUND', 404],
  HTTP_METHOD_NOT_ALLOWED: ['ENDPOINT_NOT_FOUND', 405],
  HTTP_BAD_JSON: ['BAD_REQUEST', 400],
  HTTP_BAD_URL: ['BAD_REQUEST', 400],
  HTTP_BAD_REQUEST: ['BAD_REQUEST', 400],
  HTTP_UNSUPPORTED_MEDIA_TYPE: INVALID,
  TRK_EXPERIMENT_EXISTS: EXISTS,
  TRK_EXPERIMENT_DELETED: ['INVALID_PARAMETER_VALUE', 400],
  TRK_RUN_DELETED: INVALID,
  TRK_MODEL_DELETED: INVALID,
  TRK_PARAM_CONFLICT: ['INVALID_PARAMETER_VALUE', 400, 'Changing param values is not allowed.'],
  // Sent again, it would be refused again for as long as the other uploads are open.
  TRK_UPLOAD_LIMIT: ['BAD_REQUEST', 400],
  REG_MODEL_EXISTS: EXISTS,
  REG_ALIAS_NOT_FOUND: INVALID,
};

const BY_STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_PARAMETER_VALUE',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  409: 'RESOURCE_CONFLICT',
  429: 'REQUEST_LIMIT_EXCEEDED',
  501: 'NOT_IMPLEMENTED',
  503: 'TEMPORARILY_UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** How MLflow's clients are told about errors. The remedy stands in the message: it is all that they show. */
export const mlflowProtocol: ForeignProtocol = {
  prefixes: ['/api/2.0', '/api/3.0', '/ajax-api', '/get-artifact', '/model-versions', '/graphql', '/v1/traces'],
  challenge: 'Basic realm="mlflow"',
  presentError: (error) => {
    const [errorCode, status, lead] = answerTo(error);
    const { code, id, requestId } = error;
    const message = [...(lead === undefined ? [] : [lead]), messageFor(error)].join(' ');
    return { status, body: { error_code: errorCode, message, code, id, request_id: requestId } };
  },
};

function answerTo({ code, status }: ErrorView): Answer {
  const known = Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  return known ?? [BY_STATUS[status] ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR'), status];
}

function messageFor({ message, remedy, id, status }: ErrorView): string {
  return status >= 500 ? `${message} Error id: ${id}.` : `${message} ${remedy}`;
}
