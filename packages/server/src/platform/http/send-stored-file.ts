import type { FastifyReply, FastifyRequest } from 'fastify';
import { readByteRange } from './byte-range-rules.js';
import { httpErrors } from './http-errors.js';
import { sendAsAttachment } from './security-headers.js';
import { sendPieces } from './send-pieces.js';

/** Opens the bytes, whole or a half-open range; a piece need be good only until the next is asked for. */
export type OpenPieces = (range?: { start: number; end: number }) => Promise<AsyncIterable<Uint8Array>>;

export interface StoredFile {
  /** What the client may call it. */
  readonly name: string;
  /** sha256 of the bytes; the strong ETag. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** Absent: `application/octet-stream`. */
  readonly type?: string;
}

/**
 * Answers with somebody's file as an attachment that no browser opens, whole or the range that was asked for, so that an
 * interrupted download goes on where it was (Range, If-Range). `open` is called only when bytes are sent.
 * Throws HTTP_RANGE_UNSATISFIABLE.
 */
export async function sendStoredFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { file, open }: { file: StoredFile; open: OpenPieces },
): Promise<FastifyReply> {
  const etag = `"${file.digest}"`;
  sendAsAttachment(reply, file.name);
  reply.header('x-content-type-options', 'nosniff').header('accept-ranges', 'bytes').header('etag', etag);
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  const condition = request.headers['if-range'];
  const asked = condition === undefined || condition === etag ? request.headers.range : undefined;
  const range = readByteRange(asked, file.sizeBytes);
  if (range.verdict === 'unsatisfiable') {
    reply.header('content-range', `bytes */${file.sizeBytes}`);
    throw httpErrors.HTTP_RANGE_UNSATISFIABLE(`The file has ${file.sizeBytes} bytes.`, {
      data: { range: String(asked).slice(0, 100), sizeBytes: file.sizeBytes },
    });
  }
  reply.type(file.type ?? 'application/octet-stream');
  if (range.verdict === 'whole') {
    return sendPieces(request, reply.header('content-length', file.sizeBytes), () => open());
  }
  const { start, end } = range;
  reply
    .code(206)
    .header('content-range', `bytes ${start}-${end - 1}/${file.sizeBytes}`)
    .header('content-length', end - start);
  return sendPieces(request, reply, () => open({ start, end }));
}
