import type { Actor } from '@fairlead/kernel';
import type { FastifyRequest } from 'fastify';
import type { ChangeContext } from '../db/index.js';

/** Who sent the request. Throws on routes declared `public`, where nobody was asked. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === null)
    throw new Error(`${request.method} ${request.routeOptions.url} is public: it has no actor`);
  return request.actor;
}

/** The context that services write changes under. */
export function requestContext(request: FastifyRequest): ChangeContext {
  return { actor: actorOf(request), requestId: request.id };
}
