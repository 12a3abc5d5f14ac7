import type { Actor } from '@fairlead/kernel';
import { isFairleadError } from '@fairlead/kernel';
import { type GrpcCall, type GrpcMethod, grpcErrors, healthMethods } from '../../../../platform/grpc/index.js';
import { requireCan } from '../../../../platform/identity/index.js';
import { parseModelName } from '../../serving-rules.js';
import type { ServingService } from '../../serving-types.js';
import { liveOf, type ModelPlace, presentModel } from '../model-place.js';
import { EXTENSIONS, SERVER_NAME } from '../oip-words.js';
import { actorOf } from './actor-of.js';
import { readInferMessage } from './infer-message.js';
import { readTexts, truth, writeInferAnswer, writeModelMetadata, writeServerMetadata } from './oip-messages.js';
import { readInferCall } from './read-infer-call.js';
import { repositoryMethods } from './repository-methods.js';

export interface OipGrpcDeps {
  readonly serving: Pick<
    ServingService,
    'inferenceStatistics' | 'live' | 'loadModel' | 'predict' | 'ready' | 'repository' | 'unloadModel'
  >;
  readonly version: string;
}

const SERVICE = 'inference.GRPCInferenceService';

/** The methods of open-inference.proto by path, and the health check. */
export function oipGrpcMethods(deps: OipGrpcDeps): ReadonlyMap<string, GrpcMethod> {
  const { serving, version } = deps;
  const methods: Readonly<Record<string, GrpcMethod>> = {
    ServerLive: { public: true, answer: () => truth(true) },
    ServerReady: { public: true, answer: () => truth(serving.ready()) },
    ServerMetadata: { answer: () => writeServerMetadata({ name: SERVER_NAME, version, extensions: EXTENSIONS }) },
    ModelReady: { answer: (call) => truth(isReady(serving, actorOf(call), placeOf(call, 'endpoint:read'))) },
    ModelMetadata: {
      answer: (call) => {
        const place = placeOf(call, 'endpoint:read');
        return writeModelMetadata(presentModel(place.model, liveOf(serving, actorOf(call), place)));
      },
    },
    ModelInfer: { answer: (call) => infer(deps, call) },
    ...repositoryMethods(serving),
  };
  return new Map([
    ...Object.entries(methods).map(([name, method]) => [`/${SERVICE}/${name}`, method] as const),
    ...healthMethods([SERVICE], () => serving.ready()),
  ]);
}

/** The model and version that a message names first. @throws IDN_FORBIDDEN, GRPC_MESSAGE_INVALID */
function placeOf(call: GrpcCall, action: Parameters<typeof requireCan>[1]): ModelPlace {
  requireCan(actorOf(call), action);
  const [model = '', version = ''] = readTexts(call.message, 2);
  return { model, ...(version !== '' && { version }) };
}

/** False for a model that is there and cannot answer; one that is not there is an error. */
function isReady(serving: OipGrpcDeps['serving'], actor: Actor, place: ModelPlace): boolean {
  try {
    liveOf(serving, actor, place);
    return true;
  } catch (error) {
    if (isFairleadError(error) && ['SRV_UNAVAILABLE', 'SRV_NOT_ROUTED'].includes(error.code)) return false;
    throw error;
  }
}

async function infer({ serving }: OipGrpcDeps, call: GrpcCall): Promise<Buffer> {
  const actor = actorOf(call);
  requireCan(actor, 'endpoint:invoke');
  const message = readInferMessage(call.message);
  const { model, version } = message;
  const live = liveOf(serving, actor, { model, ...(version !== '' && { version }) });
  const { id, tensors, outputs, rowIds } = readInferCall(message, live);
  if (call.signal.aborted) throw grpcErrors.GRPC_DEADLINE('The caller does not wait any more.');
  const routeKey = call.metadata('x-fairlead-route-key');
  const result = await serving.predict({
    requestId: call.requestId,
    consumer: actor.id,
    isGone: () => call.signal.aborted,
    ...(routeKey !== undefined && { routeKey }),
    ...(version !== '' && { targetVersion: Number(version) }),
    input: {
      kind: 'tensors',
      tensors,
      ...(outputs !== undefined && { outputs }),
      ...(rowIds !== undefined && { ids: rowIds }),
    },
    ...parseModelName(model),
  });
  return writeInferAnswer(result, { name: model, id: id === '' ? call.requestId : id, raw: message.raw.length > 0 });
}
