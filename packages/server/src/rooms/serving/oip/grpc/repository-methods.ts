import { type GrpcCall, type GrpcMethod, ProtoReader } from '../../../../platform/grpc/index.js';
import { requireCan } from '../../../../platform/identity/index.js';
import { parseModelName } from '../../serving-rules.js';
import type { ServingService } from '../../serving-types.js';
import { findStatistics, presentStatistics } from '../present-statistics.js';
import { presentEntry, refuseContent } from '../repository-words.js';
import { actorOf } from './actor-of.js';
import { addParameter } from './infer-message.js';
import { NOTHING, readTexts } from './oip-messages.js';
import { writeIndex, writeStatistics } from './statistics-message.js';

type Serving = Pick<ServingService, 'live' | 'repository' | 'loadModel' | 'unloadModel' | 'inferenceStatistics'>;

/** What Triton adds to the service: the repository and statistics. */
export function repositoryMethods(serving: Serving): Readonly<Record<string, GrpcMethod>> {
  return {
    ModelStatistics: {
      answer: async (call) => {
        requireCan(actorOf(call), 'deployment:read');
        const [model = '', version = ''] = readTexts(call.message, 2);
        if (model === '') return writeStatistics(presentStatistics(await serving.inferenceStatistics()));
        const place = { model, ...(version !== '' && { version }) };
        return writeStatistics(presentStatistics(await findStatistics(serving, place)));
      },
    },
    RepositoryIndex: {
      answer: async (call) => {
        requireCan(actorOf(call), 'deployment:read');
        const onlyReady = readReady(call.message);
        const entries = await serving.repository();
        return writeIndex(entries.filter(({ state }) => !onlyReady || state === 'READY').map(presentEntry));
      },
    },
    RepositoryModelLoad: {
      answer: async (call) => {
        const { model, parameters } = readModelCall(call);
        refuseContent({ parameters });
        await serving.loadModel(parseModelName(model));
        return NOTHING;
      },
    },
    RepositoryModelUnload: {
      answer: async (call) => {
        await serving.unloadModel(actorOf(call), parseModelName(readModelCall(call).model));
        return NOTHING;
      },
    },
  };
}

function readReady(message: Buffer): boolean {
  const reader = new ProtoReader(message);
  let ready = false;
  while (reader.next()) {
    if (reader.field === 2) ready = reader.bool();
    else reader.skip();
  }
  return ready;
}

/** `RepositoryModelLoadRequest` and `…UnloadRequest` of Triton: repository_name=1, model_name=2, parameters=3. */
function readModelCall(call: GrpcCall) {
  requireCan(actorOf(call), 'deployment:write');
  const parameters: Record<string, string | number | bigint | boolean> = {};
  const reader = new ProtoReader(call.message);
  let model = '';
  while (reader.next()) {
    if (reader.field === 2) model = reader.text();
    else if (reader.field === 3) addParameter(parameters, reader.message());
    else reader.skip();
  }
  return { model, parameters };
}
