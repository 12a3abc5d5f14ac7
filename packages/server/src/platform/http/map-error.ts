import { type FairleadError, isFairleadError } from '@fairlead/kernel';
import type { FastifyError } from 'fastify';
import { httpErrors } from './http-errors.js';
import type { ErrorShape, ErrorView } from './http-types.js';
import { describeIssues } from './request-issues.js';

/** SQLSTATE codes by which PostgreSQL says that a value, not the server, is at fault. */
const VALUE_REFUSED = new Set(['22001', '22003', '22008', '22021', '22P02', '22P05']);

/** Anything that was thrown while a request ran, as a coded error. What nobody foresaw becomes HTTP_INTERNAL. */
export function toCodedError(error: unknown): FairleadError {
  if (isFairleadError(error)) return error;
  const { code = '', validation, validationContext = 'request', statusCode = 500 } = error as Partial<FastifyError>;
  if (validation !== undefined) {
    const issues = describeIssues(validation, validationContext);
    const lines = issues.map(({ path, got, expected }) => `${path} is ${got}, expected ${expected}`);
    return httpErrors.HTTP_INVALID_REQUEST(`${lines.join('; ')}.`, { data: { issues } });
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return httpErrors.HTTP_UNSUPPORTED_MEDIA_TYPE('The content type of the body is not one this route takes.');
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return httpErrors.HTTP_BODY_TOO_LARGE('The body is larger than the limit.');
  if (code === 'FST_ERR_BAD_URL') return httpErrors.HTTP_BAD_URL('The path of the request cannot be decoded.');
  if (VALUE_REFUSED.has(code)) {
    return httpErrors.HTTP_VALUE_REFUSED('The database refused a value of the request.', { cause: error });
  }
  if (statusCode >= 400 && statusCode < 500) {
    return httpErrors.HTTP_BAD_REQUEST((error as Error).message, { cause: error });
  }
  return httpErrors.HTTP_INTERNAL('The server failed; its log says why under this id.', { cause: error });
}

/** The body of an error answer in the wanted shape. */
export function presentError(view: ErrorView, shape: ErrorShape): unknown {
  if (typeof shape === 'function') return shape(view);
  if (shape === 'oip') return { error: `${view.code}: ${view.message}` };
  const { code, message, remedy, data, id, requestId } = view;
  return { error: { code, message, remedy, data, id, requestId } };
}
