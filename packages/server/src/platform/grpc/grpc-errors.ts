import { defineErrors } from '@fairlead/kernel';

export const grpcErrors = defineErrors('platform/grpc', {
  GRPC_MESSAGE_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The message cannot be read',
    remedy: 'Send one message of the type that the method takes, as its .proto file has it.',
  },
  GRPC_MESSAGE_TOO_LARGE: {
    status: 413,
    fault: 'user',
    title: 'The message is larger than the limit',
    remedy: 'Send less at once, or raise bodyLimitBytes.',
  },
  GRPC_UNIMPLEMENTED: {
    status: 405,
    fault: 'user',
    title: 'There is no such method, or not in this way',
    remedy: 'Call the methods of inference.GRPCInferenceService; compress with gzip or deflate or not at all.',
  },
  GRPC_SERVICE_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'There is no such service',
    remedy: 'Ask for the health of inference.GRPCInferenceService, or of the server with an empty name.',
  },
  GRPC_DEADLINE: {
    status: 408,
    fault: 'user',
    title: 'The deadline of the call has passed',
    remedy: 'Give the call more time, or send fewer rows at once.',
  },
  GRPC_BIND_REFUSED: {
    status: 400,
    fault: 'user',
    title: 'The server does not open itself to a network without identities',
    remedy: 'Listen on 127.0.0.1, or add people with tokens and set identity.required.',
  },
  GRPC_LISTEN_FAILED: {
    status: 503,
    fault: 'system',
    title: 'The address cannot be listened on for gRPC',
    remedy: 'Choose another --grpc-port (0 takes a free one), or stop the program that holds it.',
  },
  GRPC_INTERNAL: {
    status: 500,
    fault: 'system',
    title: 'The server failed',
    remedy: 'Find the id in the log of the server; report it together with what was asked.',
  },
});
