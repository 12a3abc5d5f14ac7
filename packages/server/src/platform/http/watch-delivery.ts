import { finished } from 'node:stream';
import type { FastifyReply } from 'fastify';

/**
 * Whether the answer was a good one and was handed over completely to a connection whose other end was still there. Node calls
 * an answer finished, too, that it wrote to a connection which the client had ended before.
 */
export function watchDelivery(reply: FastifyReply): Promise<boolean> {
  const { socket } = reply.request.raw;
  return new Promise((resolve) => {
    finished(reply.raw, (error) => resolve(!error && !socket.readableEnded && reply.raw.statusCode < 400));
  });
}
