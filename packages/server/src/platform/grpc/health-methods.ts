import { grpcErrors } from './grpc-errors.js';
import type { GrpcMethod } from './grpc-types.js';
import { ProtoReader } from './protobuf-reader.js';
import { ProtoWriter } from './protobuf-writer.js';

const SERVING = 1;
const NOT_SERVING = 2;

/** `grpc.health.v1.Health/Check`, for orchestrators: of the whole server ('') or of one of `services`. */
export function healthMethods(services: readonly string[], isReady: () => boolean): [string, GrpcMethod][] {
  const answer: GrpcMethod['answer'] = ({ message }) => {
    const reader = new ProtoReader(message);
    let service = '';
    while (reader.next()) {
      if (reader.field === 1) service = reader.text();
      else reader.skip();
    }
    if (service !== '' && !services.includes(service)) {
      throw grpcErrors.GRPC_SERVICE_NOT_FOUND(`There is no service ${service.slice(0, 200)}.`);
    }
    return new ProtoWriter().integer(1, isReady() ? SERVING : NOT_SERVING).finish();
  };
  return [['/grpc.health.v1.Health/Check', { answer, public: true }]];
}
