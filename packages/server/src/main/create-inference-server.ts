import { createGrpcServer, type GrpcServer } from '../platform/grpc/index.js';
import { createDenialLog } from '../platform/identity/index.js';
import { requestIdFrom } from '../platform/telemetry/index.js';
import { oipGrpcMethods } from '../rooms/serving/index.js';
import type { Rooms } from './create-rooms.js';
import type { Platform } from './open-platform.js';
import { fairleadVersion } from './version.js';

/** The gRPC server of the inference protocol, not yet listening; undefined unless `grpcPort` is set. */
export function createInferenceServer(
  { config, logger, identity, db }: Platform,
  { serving }: Pick<Rooms, 'serving'>,
): GrpcServer | undefined {
  if (config.grpcPort === undefined) return undefined;
  const recordDenial = createDenialLog(db);
  return createGrpcServer({
    methods: oipGrpcMethods({ serving, version: fairleadVersion }),
    host: config.host,
    port: config.grpcPort,
    identityRequired: config.identity.required,
    maxMessageBytes: config.bodyLimitBytes,
    identify: identity.identify,
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
