import type { ServingParts } from '../serving-deps.js';
import type { ServingService } from '../serving-types.js';
import type { LiveState, ModelToLoad, ProcessRequest, ServingLeader } from './process-messages.js';

type Repository = Pick<ServingService, 'inferenceStatistics' | 'loadModel' | 'repository' | 'unloadModel'>;

/** The server's side of its serving processes: what they start from, and what they hand over and ask. */
export function answerProcesses(parts: ServingParts, repository: Repository): ServingLeader {
  const { live, capture, onCaptured } = parts;
  return {
    liveState: () => liveState(parts),
    processLost: (process) => capture.lost(process),
    answerProcess: async (request: ProcessRequest, process: number) => {
      switch (request.type) {
        case 'segment':
          return capture[request.state](process, request.segment);
        case 'counts':
          for (const { deploymentId, revision, counts } of request.counts) {
            const servable = live.get(deploymentId);
            servable?.counters.merge(counts, live.revisionOf(servable.deployment) === revision);
          }
          for (const { endpoint, environment, rows } of request.answered) onCaptured(endpoint, environment, rows);
          return undefined;
        case 'statistics':
          return repository.inferenceStatistics();
        case 'repository':
          return repository.repository();
        case 'loadModel':
          return repository.loadModel(request.place);
        case 'unloadModel':
          return repository.unloadModel(request.actor, request.place);
      }
    },
  };
}

function liveState({ live, host, capture }: ServingParts): LiveState {
  return {
    endpoints: live.endpoints(),
    tables: live.tables(),
    failures: live.failures(),
    fullLogs: capture.full(),
    models: live.servables().map(({ deployment, signature }) => modelToLoad({ host }, { deployment, signature })),
  };
}

/** A deployment with what its probe found here. */
export function modelToLoad(
  { host }: Pick<ServingParts, 'host'>,
  { deployment, signature }: Pick<ModelToLoad, 'deployment' | 'signature'>,
): ModelToLoad {
  return { deployment, signature, probed: host.probed(deployment.digest) };
}
