import type { ServerHttp2Stream } from 'node:http2';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { grpcErrors } from './grpc-errors.js';

/** Before each message: whether it is compressed (1 byte) and its length (4 bytes, big-endian). */
export const FRAME_BYTES = 5;

const DECODERS: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
};

/** What a client may compress with. */
export const ACCEPTED_ENCODINGS = ['identity', ...Object.keys(DECODERS)].join(',');

interface ReadOptions {
  /** The header grpc-encoding. */
  readonly encoding: string | undefined;
  readonly maxBytes: number;
}

/**
 * The one message of a call.
 *
 * @throws GRPC_MESSAGE_INVALID, GRPC_MESSAGE_TOO_LARGE, GRPC_UNIMPLEMENTED
 */
export async function readMessage(stream: ServerHttp2Stream, { encoding, maxBytes }: ReadOptions): Promise<Buffer> {
  const body = await readBody(stream, maxBytes);
  if (body.length < FRAME_BYTES) throw grpcErrors.GRPC_MESSAGE_INVALID('The call has no message.');
  const length = body.readUInt32BE(1);
  if (body.length !== FRAME_BYTES + length) {
    const got = `${body.length - FRAME_BYTES} bytes for one message of ${length}`;
    throw grpcErrors.GRPC_MESSAGE_INVALID(`The call has ${got}.`);
  }
  const message = body.subarray(FRAME_BYTES);
  return body[0] === 0 ? message : decompress(message, { encoding, maxBytes });
}

function readBody(stream: ServerHttp2Stream, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    stream.on('data', (chunk: Buffer) => {
      received += chunk.length;
      chunks.push(chunk);
      // The length stands in the first bytes, so what is too large is refused before it has come.
      const announced = received < FRAME_BYTES ? 0 : announcedBytes(chunks);
      if (Math.max(announced, received - FRAME_BYTES) > maxBytes) {
        chunks.length = 0;
        stream.removeAllListeners('data');
        stream.resume();
        reject(tooLarge(maxBytes));
      }
    });
    stream.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    stream.once('aborted', () => reject(grpcErrors.GRPC_MESSAGE_INVALID('The caller hung up.')));
  });
}

function announcedBytes(chunks: Buffer[]): number {
  if ((chunks[0]?.length ?? 0) < FRAME_BYTES) chunks.splice(0, chunks.length, Buffer.concat(chunks));
  return chunks[0]?.readUInt32BE(1) ?? 0;
}

async function decompress(message: Buffer, { encoding, maxBytes }: ReadOptions): Promise<Buffer> {
  const decode = encoding !== undefined && Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (decode === undefined) {
    throw grpcErrors.GRPC_UNIMPLEMENTED(`The message is compressed as ${encoding ?? 'nothing'}, which is not taken.`);
  }
  try {
    return await decode(message, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw grpcErrors.GRPC_MESSAGE_INVALID(`The message is not the ${encoding} it says it is.`, { cause });
  }
}

function tooLarge(maxBytes: number): Error {
  return grpcErrors.GRPC_MESSAGE_TOO_LARGE(`The message is larger than ${maxBytes} bytes.`, { data: { maxBytes } });
}
