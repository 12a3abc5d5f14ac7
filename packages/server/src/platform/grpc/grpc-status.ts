import { type FairleadError, isFairleadError } from '@fairlead/kernel';
import { grpcErrors } from './grpc-errors.js';

export const OK = 0;
const UNKNOWN = 2;
const INVALID_ARGUMENT = 3;

/** What a coded error's HTTP status is as a status of gRPC. */
const BY_HTTP: Readonly<Record<number, number>> = {
  400: INVALID_ARGUMENT,
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  404: 5, // NOT_FOUND
  405: 12, // UNIMPLEMENTED
  408: 4, // DEADLINE_EXCEEDED
  409: 9, // FAILED_PRECONDITION
  413: 8, // RESOURCE_EXHAUSTED
  415: INVALID_ARGUMENT,
  422: INVALID_ARGUMENT,
  429: 8, // RESOURCE_EXHAUSTED
  500: 13, // INTERNAL
  501: 12, // UNIMPLEMENTED
  503: 14, // UNAVAILABLE
  504: 4, // DEADLINE_EXCEEDED
};

/** The status of gRPC for an error. */
export function statusOf({ status }: Pick<FairleadError, 'status'>): number {
  return BY_HTTP[status] ?? (status < 500 ? INVALID_ARGUMENT : UNKNOWN);
}

/** Anything that was thrown while a call ran, as a coded error. */
export function toCodedError(error: unknown): FairleadError {
  if (isFairleadError(error)) return error;
  return grpcErrors.GRPC_INTERNAL('The server failed; its log says why under this id.', { cause: error });
}

/** A text as the header grpc-message carries it: printable ASCII, the rest as percent and hexadecimal digits. */
export function encodeStatusMessage(text: string): string {
  return Array.from(Buffer.from(text), (byte) =>
    byte >= 0x20 && byte <= 0x7e && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}
