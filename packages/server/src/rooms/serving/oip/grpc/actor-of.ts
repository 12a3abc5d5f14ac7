import type { Actor } from '@fairlead/kernel';
import type { GrpcCall } from '../../../../platform/grpc/index.js';

/** Who calls. Throws in methods declared `public`, where nobody was asked. */
export function actorOf({ actor }: GrpcCall): Actor {
  if (actor === null) throw new Error('the method is public: it has no actor');
  return actor;
}
