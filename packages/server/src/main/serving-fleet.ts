import { availableParallelism } from 'node:os';
import { workerEntry } from '../platform/compute/index.js';
import type { Config } from '../platform/config/index.js';
import type { Db } from '../platform/db/index.js';
import { createFleet, type Fleet } from '../platform/fleet/index.js';
import { createDenialLog, type Identity } from '../platform/identity/index.js';
import type { Logger, Metrics } from '../platform/telemetry/index.js';
import type { Followers, ProcessRequest, ServingLeader } from '../rooms/serving/index.js';
import type { ServingAddresses, ServingChange, ServingRequest, ServingState } from './serving-messages.js';

/** The processes that answer inference on `servingPort`; without it none, and everything here does nothing. */
export interface ServingFleet extends Followers {
  /** Verdicts on credentials are asked for anew from now on, in every process. */
  forgetActors(): Promise<void>;
  /** Resolves when all of them listen; undefined: there are none. */
  start(deps: ServingFleetDeps): Promise<ServingAddresses | undefined>;
  /** How many of them answer, for example `2 of 2`; undefined: there are none. */
  status(): string | undefined;
  stop(timeoutMs: number): Promise<void>;
}

export interface ServingFleetDeps {
  readonly serving: ServingLeader;
  readonly identity: Identity;
  readonly metrics: Metrics;
  readonly db: Db;
}

/**
 * Little of what a request makes outlives it, so that one thread collects the young generation in half a millisecond. Several
 * first have to be woken while all cores are busy answering, which takes longer than the work (bench serving, 32 connections: 1.3 ms where one took
 * 0.7). The size is that of Node on all machines it was measured on.
 */
const YOUNG_HEAP = ['--max-semi-space-size=16', '--no-parallel-scavenge'];

/** Loading waits for disks and the runtime; the default of the fleet is for changes that are one assignment. */
const LOAD_TIMEOUT_MS = 120_000;

/** Who is late with what was counted or captured has done nothing wrong: the disk may be slow. */
const LENIENT: ReadonlySet<ServingChange['type']> = new Set(['flush', 'seal', 'log-full']);

export function createServingFleet(config: Config, logger: Logger): ServingFleet {
  let fleet: Fleet | undefined;
  const size = config.servingProcesses ?? availableParallelism();
  const tell = async (change: ServingChange): Promise<void> => {
    const slow = change.type === 'load' || change.type === 'unload';
    await fleet?.tell(change, {
      ...(slow && { timeoutMs: LOAD_TIMEOUT_MS }),
      mayBeLate: LENIENT.has(change.type),
    });
  };
  return {
    tell,
    forgetActors: () => tell({ type: 'forget-actors' }),
    start: async (deps) => {
      if (config.servingPort === undefined) return undefined;
      const answer = answerProcess(deps, logger);
      fleet = createFleet({
        entry: workerEntry(import.meta.url, 'serving-worker.js'),
        size,
        execArgv: YOUNG_HEAP,
        state: (): ServingState => ({ config, live: deps.serving.liveState() }),
        answer,
        onLost: (member) => {
          deps.metrics.include(String(member), 'gone');
          deps.serving.processLost(member);
        },
        onError: (error, message) => logger.error({ err: error }, message),
      });
      return (await fleet.start()) as ServingAddresses;
    },
    status: () => fleet && `${fleet.answering()} of ${size}`,
    stop: async (timeoutMs) => {
      await fleet?.stop(timeoutMs);
    },
  };
}

function answerProcess({ serving, identity, metrics, db }: ServingFleetDeps, logger: Logger) {
  const recordDenial = createDenialLog(db);
  return async (request: ServingRequest, member: number): Promise<unknown> => {
    switch (request.type) {
      case 'identify':
        return identity.identify(request.authorization);
      case 'denied': {
        const { error, actor, operation, requestId } = request;
        await recordDenial(error, { actor, operation, ...(requestId !== undefined && { requestId }) }).catch((cause) =>
          logger.error({ err: cause }, 'a refusal could not be recorded'),
        );
        return undefined;
      }
      case 'metrics':
        return metrics.include(String(member), request.snapshot);
      case 'render-metrics':
        return metrics.render();
      default:
        return serving.answerProcess(request satisfies ProcessRequest, member);
    }
  };
}
