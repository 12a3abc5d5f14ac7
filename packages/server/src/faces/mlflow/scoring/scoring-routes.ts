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
import {
  type LiveModel,
  type PredictResult,
  parseModelName,
  type ServingService,
} from '../../../rooms/serving/index.js';
import { mlflowErrors } from '../mlflow-errors.js';
import { hidden, mlflowProtocol, mlflowVersion } from '../mlflow-protocol.js';
import { fitCells } from './fit-cells.js';
import { readCsv } from './read-csv.js';
import { badInput, type Row, readScoringRows, rowsOf } from './scoring-rows.js';

interface ScoringRoutesDeps {
  readonly serving: Pick<ServingService, 'live' | 'predict'>;
  /** Of a request whose encoding was undone. */
  readonly bodyLimitBytes: number;
}

const PATH = '/endpoints/:name';
const JSON_ANSWER = 'application/json';

/**
 * MLflow's scoring server for each endpoint: `/endpoints/{name}/invocations`, `/ping`, `/health`, `/version`. `name@test` is the
 * endpoint in the environment test.
 */
export function scoringRoutes(deps: ScoringRoutesDeps): (app: App) => Promise<void> {
  return async (app) => addScoringRoutes(app, deps);
}

function addScoringRoutes(app: App, deps: ScoringRoutesDeps): void {
  const config = {
    errorShape: (error: Parameters<typeof mlflowProtocol.presentError>[0]) => mlflowProtocol.presentError(error).body,
  };
  for (const probe of ['ping', 'health']) {
    app.get(`${PATH}/${probe}`, { ...hidden, config }, async (request, reply) => {
      requireCan(actorOf(request), 'endpoint:read');
      liveOf(deps, request);
      return reply.type(JSON_ANSWER).serializer(asIs).send('\n');
    });
  }
  app.get(`${PATH}/version`, { ...hidden, config }, async (request, reply) => {
    requireCan(actorOf(request), 'endpoint:read');
    return reply.type(JSON_ANSWER).serializer(asIs).send(mlflowVersion);
  });
  const parse = createJsonParser(app);
  acceptWholeBodies(app, (scope) => {
    scope.post(`${PATH}/invocations`, { ...hidden, config: { ...config, wholeBody: true } }, async (request, reply) => {
      requireCan(actorOf(request), 'endpoint:invoke');
      const live = liveOf(deps, request);
      const rows = await readRows(deps, request, { live, parse });
      return answer(deps, request, reply, { live, rows });
    });
  });
}

const asIs = (text: unknown) => text as string;

const placeOf = (request: FastifyRequest) => parseModelName((request.params as { name: string }).name);

function liveOf({ serving }: ScoringRoutesDeps, request: FastifyRequest): LiveModel {
  const { endpoint, environment } = placeOf(request);
  return serving.live(endpoint, environment);
}

interface Reading {
  readonly live: LiveModel;
  readonly parse: (body: Buffer) => unknown;
}

async function readRows(deps: ScoringRoutesDeps, request: FastifyRequest, { live, parse }: Reading): Promise<Row[]> {
  const isCsv = contentOf(request.headers['content-type']) === 'text/csv';
  const body = await readWholeBody(request, deps.bodyLimitBytes);
  const { signature } = live;
  const rows = isCsv
    ? readTable(body)
    : readScoringRows(
        parse(body),
        signature.inputs.map(({ name }) => name),
      );
  if (rows.length === 0) throw badInput('There are no rows');
  return fitCells(rows, signature, { isText: isCsv });
}

function readTable(body: Buffer): Row[] {
  const [columns = [], ...cells] = readCsv(new TextDecoder('utf-8').decode(body));
  return rowsOf(columns, cells, 'the CSV');
}

/** @throws MLF_SCORING_CONTENT, as MLflow's server does for anything but JSON and CSV in UTF-8 */
function contentOf(header: string | undefined): string {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  const odd = parameters.find((parameter) => parameter !== '' && !/^charset="?utf-8"?$/.test(parameter));
  if ((type === 'application/json' || type === 'text/csv') && odd === undefined) return type;
  throw mlflowErrors.MLF_SCORING_CONTENT(
    `This predictor only supports the following content types: application/json, text/csv, in UTF-8. Got '${(header ?? '').slice(0, 100)}'.`,
  );
}

async function answer(
  { serving }: ScoringRoutesDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { live, rows }: { live: LiveModel; rows: readonly Row[] },
) {
  const routeKey = request.headers['x-fairlead-route-key'];
  const result = await serving.predict({
    ...placeOf(request),
    requestId: request.id,
    consumer: actorOf(request).id,
    isGone: () => request.raw.socket.destroyed,
    ...(typeof routeKey === 'string' && { routeKey }),
    input: { kind: 'rows', rows },
  });
  const text = JSON.stringify({ predictions: predictionsOf(result, live) });
  return reply
    .header('x-fairlead-model-version', result.version)
    .type(JSON_ANSWER)
    .serializer(asIs)
    .send(await encodeAnswer(request, reply, text));
}

/** What pyfunc's `predict` gives: one label or one number per row, a list of numbers, or of several outputs each by its name. */
function predictionsOf({ predictions, tensors }: PredictResult, { signature }: LiveModel): unknown[] {
  if (signature.task === 'regression' && predictions[0]?.outputs !== undefined) {
    return predictions.map(({ outputs = {} }) => (tensors.length === 1 ? Object.values(outputs)[0] : outputs));
  }
  const isNumber =
    signature.task === 'regression' || tensors.some(({ name, datatype }) => name === 'label' && datatype === 'INT64');
  return predictions.map(({ label }) => (isNumber ? Number(label) : label));
}
