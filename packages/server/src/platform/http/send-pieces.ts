import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Answers with bytes of a known length (its header is set), piece by piece: the next is asked for when the socket has taken
 * the one before, so pieces may share memory. What fails before the first byte is answered as an error; what fails later ends
 * the connection, so that the client sees that bytes are missing.
 */
export async function sendPieces(
  request: FastifyRequest,
  reply: FastifyReply,
  open: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<FastifyReply> {
  // An empty stream: for nothing at all the framework would say that the file is empty.
  if (request.method === 'HEAD') return reply.send(Readable.from([]));
  const pieces = await open();
  const { raw } = reply;
  reply.hijack();
  try {
    raw.writeHead(reply.statusCode, reply.getHeaders() as Record<string, string>);
    for await (const piece of pieces) await write(raw, piece);
    raw.end();
  } catch (error) {
    if (!raw.destroyed) request.log.warn({ err: error }, 'a file was not sent to its end');
    raw.destroy();
  }
  return reply;
}

function write(raw: ServerResponse, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('The client has gone.'));
    if (raw.destroyed) return gone();
    // A piece that is written between the end of the connection and the news of it is never called back for.
    raw.once('close', gone);
    raw.write(piece, (error) => {
      raw.off('close', gone);
      if (error) reject(error);
      else resolve();
    });
  });
}
