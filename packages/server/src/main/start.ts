import { loadConfig } from '../platform/config/index.js';
import { createLogger } from '../platform/telemetry/index.js';
import { createFairlead } from './create-fairlead.js';

export interface StartOptions {
  /** Settings from the command line, by key of the configuration. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export interface RunningServer {
  /** For example `http://127.0.0.1:4600`. */
  readonly url: string;
  /** Where inference over gRPC is answered, for example `127.0.0.1:4601`; absent unless `grpcPort` is set. */
  readonly grpc?: string;
  /** Where serving processes answer inference; absent unless `servingPort` is set. */
  readonly serving?: string;
  /** Lets requests in flight and running jobs finish within the drain time, then closes everything. */
  stop(): Promise<void>;
}

/** Starts a server and resolves when it can serve. Throws the coded errors of configuration, home, database and address. */
export async function startServer({ flags, env, cwd }: StartOptions): Promise<RunningServer> {
  const config = loadConfig({ flags, env, cwd });
  const logger = createLogger(config);
  const fairlead = await createFairlead({ config, logger, cwd });
  try {
    return { ...(await fairlead.start()), stop: () => fairlead.stop() };
  } catch (error) {
    await fairlead.stop();
    throw error;
  }
}
