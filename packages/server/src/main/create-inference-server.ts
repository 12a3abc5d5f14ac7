import type { Config } from '../platform/config/index.js';
import { createGrpcServer, type GrpcServer } from '../platform/grpc/index.js';
import type { Identity, RecordDenial } from '../platform/identity/index.js';
import { type Logger, requestIdFrom } from '../platform/telemetry/index.js';
import { type InferenceService, oipGrpcMethods } from '../rooms/serving/index.js';
import { fairleadVersion } from './version.js';

export interface InferenceServerDeps {
  readonly config: Config;
  readonly logger: Logger;
  readonly identify: Identity['identify'];
  readonly recordDenial: RecordDenial;
}

/** The gRPC server of the inference protocol, not yet listening; undefined unless `grpcPort` is set. */
export function createInferenceServer(
  { config, logger, identify, recordDenial }: InferenceServerDeps,
  { serving }: { readonly serving: InferenceService },
): GrpcServer | undefined {
  if (config.grpcPort === undefined) return undefined;
  return createGrpcServer({
    methods: oipGrpcMethods({ serving, version: fairleadVersion }),
    host: config.host,
    port: config.grpcPort,
    identityRequired: config.identity.required,
    maxMessageBytes: config.bodyLimitBytes,
    identify,
    newRequestId: requestIdFrom,
    logger,
    onRefused: (error, { actor, method }) => {
      if (actor === null) return;
      recordDenial(error, { actor, operation: `gRPC ${method}` }).catch((cause) =>
        logger.error({ err: cause }, 'a refusal could not be recorded'),
      );
    },
  });
}
