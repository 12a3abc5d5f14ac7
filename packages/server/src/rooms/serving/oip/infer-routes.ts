import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type App,
  acceptWholeBodies,
  actorOf,
  createJsonParser,
  encodeAnswer,
  readWholeBody,
} from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import { servingErrors } from '../serving-errors.js';
import { parseModelName } from '../serving-rules.js';
import type { LiveModel, PredictRequest, ServingService } from '../serving-types.js';
import { type InferRequest, parseInferRequest, parseRawRequest } from './infer-request.js';
import { writeInferResponse } from './infer-response.js';
import { badTensor } from './json-tensors.js';
import { liveOf, type ModelPlace } from './model-place.js';
import { ModelParams, oipConfig, oipTags } from './oip-words.js';

export interface InferRoutesDeps {
  readonly serving: Pick<ServingService, 'live' | 'predict'>;
  /** Of a request whose encoding was undone. */
  readonly bodyLimitBytes: number;
}

const HEADER_LENGTH = 'inference-header-content-length';
const JSON_ANSWER = 'application/json; charset=utf-8';

/** POST …/infer: JSON, and JSON with bytes behind it, both ways. */
export function addInferRoutes(app: App, deps: InferRoutesDeps): void {
  const parse = createJsonParser(app);
  acceptWholeBodies(app, (scope) => {
    for (const [path, suffix] of [
      ['/v2/models/:model/infer', ''],
      ['/v2/models/:model/versions/:version/infer', 'Version'],
    ] as const) {
      scope.post(
        path,
        {
          config: { ...oipConfig, wholeBody: true },
          schema: {
            operationId: `inferOip${suffix}`,
            summary: 'Predict from tensors',
            tags: oipTags,
            params: ModelParams,
          },
        },
        async (request, reply) => {
          requireCan(actorOf(request), 'endpoint:invoke');
          const place = request.params as ModelPlace;
          const live = liveOf(deps.serving, actorOf(request), place);
          const inference = readRequest(await readWholeBody(request, deps.bodyLimitBytes), { request, live, parse });
          const result = await deps.serving.predict(predictRequest(request, place, inference));
          return answer(request, reply, { result, inference, name: place.model });
        },
      );
    }
  });
}

interface Reading {
  readonly request: FastifyRequest;
  readonly live: LiveModel;
  readonly parse: (body: Buffer) => unknown;
}

/** @throws SRV_TENSOR_INVALID, SRV_UNSUPPORTED, HTTP_BAD_JSON */
function readRequest(body: Buffer, { request, live, parse }: Reading): InferRequest {
  const header = request.headers[HEADER_LENGTH];
  if (header === undefined) {
    checkJson(request.headers['content-type']);
    return parseInferRequest(body.length === 0 ? undefined : parse(body), live);
  }
  const length = /^\d{1,10}$/.test(String(header)) ? Number(header) : Infinity;
  if (length > body.length) {
    throw badTensor('Inference-Header-Content-Length', {
      got: header,
      expected: `0 to ${body.length}, within the body`,
    });
  }
  if (length === 0) return parseRawRequest(body, live);
  return parseInferRequest(parse(body.subarray(0, length)), live, body.subarray(length));
}

/** A body without a type is JSON: tritonclient sends it so. One of another type lacks the length of its JSON part. */
function checkJson(type: string | undefined): void {
  if (type === undefined || /^application\/json\b/i.test(type)) return;
  throw servingErrors.SRV_UNSUPPORTED(
    `The body is ${type.slice(0, 100)}: send application/json, or name the length of the JSON part in Inference-Header-Content-Length.`,
    { data: { got: type.slice(0, 100), expected: 'application/json' } },
  );
}

function predictRequest(request: FastifyRequest, place: ModelPlace, inference: InferRequest): PredictRequest {
  const { tensors, outputs, rowIds } = inference;
  const routeKey = request.headers['x-fairlead-route-key'];
  return {
    requestId: request.id,
    consumer: actorOf(request).id,
    isGone: () => request.raw.socket.destroyed,
    ...(typeof routeKey === 'string' && { routeKey }),
    ...(place.version !== undefined && { targetVersion: Number(place.version) }),
    input: {
      kind: 'tensors',
      tensors,
      ...(outputs !== undefined && { outputs }),
      ...(rowIds !== undefined && { ids: rowIds }),
    },
    ...parseModelName(place.model),
  };
}

interface Answered {
  readonly result: Awaited<ReturnType<ServingService['predict']>>;
  readonly inference: InferRequest;
  readonly name: string;
}

async function answer(request: FastifyRequest, reply: FastifyReply, { result, inference, name }: Answered) {
  const id = inference.id === '' ? request.id : inference.id;
  const { body, jsonBytes } = writeInferResponse(result, { name, id, binary: inference.binary });
  reply.header('x-fairlead-model-version', result.version);
  if (jsonBytes !== undefined) reply.header(HEADER_LENGTH, jsonBytes);
  return reply
    .type(jsonBytes === undefined ? JSON_ANSWER : 'application/octet-stream')
    .serializer((value: unknown) => value as string)
    .send(await encodeAnswer(request, reply, body));
}
