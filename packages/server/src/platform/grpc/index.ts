export { createGrpcServer } from './create-grpc-server.js';
export { grpcErrors } from './grpc-errors.js';
export type { GrpcCall, GrpcMethod, GrpcServer, GrpcServerOptions } from './grpc-types.js';
export { healthMethods } from './health-methods.js';
export { ProtoReader, readPackedVarints } from './protobuf-reader.js';
export { ProtoWriter } from './protobuf-writer.js';
