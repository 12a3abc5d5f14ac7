import {
  AdvanceReleaseSchema,
  PauseRolloutSchema,
  RELEASE_STATES,
  ReleasePlanSchema,
  type ReleasePlanView,
  ReleaseSchema,
  type ReleaseView,
  RequestReleaseSchema,
  RollBackSchema,
  SignReleaseSchema,
  StartRolloutSchema,
  WaiveGateSchema,
  WithdrawSchema,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../platform/http/index.js';
import { requireCan, requireNamedPerson } from '../../platform/identity/index.js';
import type { ServingService } from '../serving/index.js';
import { environmentRoutes } from './environments/environment-routes.js';
import { policyRoutes } from './policy-routes.js';
import type { Release, ReleaseService } from './release-types.js';
import { banditArms } from './rollout/arm-rules.js';

const tags = ['release'];
const IdParams = Type.Object({ id: Type.String({ maxLength: 100 }) });
const EndpointParams = Type.Object({ endpoint: Type.String({ maxLength: 100 }) });
const WaitQuery = Type.Object(
  { waitMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000, description: 'Wait so long for the gates.' })) },
  { additionalProperties: false },
);
const DECIDED = ['gates-failed', 'awaiting-approval', 'approved', 'failed', 'superseded'] as const;

/** A rollout's specification is shown as it was signed, whatever its kind, and a bandit with every version that takes part. */
function presentRelease({ rollout, ...release }: Release): ReleaseView {
  if (rollout === null) return present<ReleaseView>({ ...release, rollout });
  const { others: _, ...shown } = rollout;
  const arms = banditArms({ ...release, rollout });
  return present<ReleaseView>({
    ...release,
    rollout: { ...shown, spec: { ...rollout.spec }, ...(arms.length > 0 && { arms }) },
  });
}

export interface ReleaseRoutesDeps {
  readonly release: ReleaseService;
  readonly serving: Pick<ServingService, 'endpoint'>;
}

export function releaseRoutes({ release, serving }: ReleaseRoutesDeps): (app: App) => Promise<void> {
  return async (app) => {
    environmentRoutes(app, release);
    policyRoutes(app, { release, serving });
    readRoutes(app, release);
    planRoute(app, release);
    decideRoutes(app, release);
    waiveRoutes(app, release);
    rolloutRoutes(app, release);
  };
}

function readRoutes(app: App, release: ReleaseService): void {
  app.get(
    '/api/v1/releases',
    {
      schema: {
        operationId: 'listReleases',
        summary: 'List releases, newest first',
        tags,
        querystring: Type.Object(
          {
            endpoint: Type.Optional(Type.String({ maxLength: 100 })),
            environment: Type.Optional(Type.String({ maxLength: 100 })),
            state: Type.Optional(Type.Enum([...RELEASE_STATES])),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ items: Type.Array(ReleaseSchema) }) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'release:read');
      const { limit = 100, ...filter } = request.query;
      return { items: (await release.releases({ ...filter, limit })).map(presentRelease) };
    },
  );
  app.get(
    '/api/v1/releases/:id',
    {
      schema: {
        operationId: 'getRelease',
        summary: 'Get a release with its gates and signatures',
        tags,
        params: IdParams,
        response: { 200: ReleaseSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'release:read');
      return presentRelease(await release.release(request.params.id));
    },
  );
}

function planRoute(app: App, release: ReleaseService): void {
  app.get(
    '/api/v1/endpoints/:endpoint/release-plan',
    {
      schema: {
        operationId: 'planRelease',
        summary: 'What a release would go through: gates, signatures, rollout, sample size; changes nothing',
        tags,
        params: EndpointParams,
        querystring: Type.Object(
          {
            environment: Type.Optional(Type.String({ maxLength: 100 })),
            version: Type.Integer({ minimum: 1, maximum: 2147483647 }),
          },
          { additionalProperties: false },
        ),
        response: { 200: ReleasePlanSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'release:read');
      const { endpoint } = request.params;
      return present<ReleasePlanView>({ ...(await release.plan({ endpoint, ...request.query })) } as never);
    },
  );
}

function decideRoutes(app: App, release: ReleaseService): void {
  app.post(
    '/api/v1/releases',
    {
      schema: {
        operationId: 'requestRelease',
        summary: 'Ask for a release: deploys to test and runs the gates',
        tags,
        body: RequestReleaseSchema,
        querystring: WaitQuery,
        response: { 202: ReleaseSchema },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'release:request');
      const requested = await release.request(requestContext(request), request.body);
      const timeoutMs = request.query.waitMs ?? 0;
      const now = timeoutMs === 0 ? requested : await release.waitFor(requested.id, DECIDED, { timeoutMs });
      return reply.code(202).send(presentRelease(now));
    },
  );
  app.post(
    '/api/v1/releases/:id/signatures',
    {
      schema: {
        operationId: 'signRelease',
        summary: 'Sign for or against a release as a named person in a role',
        tags,
        params: IdParams,
        body: SignReleaseSchema,
        response: { 200: ReleaseSchema },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      requireNamedPerson(actor);
      requireCan(actor, 'release:approve');
      return presentRelease(await release.sign(requestContext(request), request.params.id, request.body));
    },
  );
}

function waiveRoutes(app: App, release: ReleaseService): void {
  app.post(
    '/api/v1/releases/:id/waivers',
    {
      schema: {
        operationId: 'waiveGate',
        summary: 'Let a release that failed a gate go on, as a named person in a role, until a day',
        tags,
        params: IdParams,
        body: WaiveGateSchema,
        response: { 200: ReleaseSchema },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      requireNamedPerson(actor);
      requireCan(actor, 'gate:waive');
      return presentRelease(await release.waive(requestContext(request), request.params.id, request.body));
    },
  );
}

function rolloutRoutes(app: App, release: ReleaseService): void {
  app.post(
    '/api/v1/releases/:id/rollout',
    {
      schema: {
        operationId: 'startRollout',
        summary: 'Start the rollout of an approved release; of a bandit with further versions',
        tags,
        params: IdParams,
        // Who names no arms need not send anything.
        body: Type.Union([StartRolloutSchema, Type.Null()]),
        response: { 200: ReleaseSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'deployment:write');
      return presentRelease(await release.rollOut(requestContext(request), request.params.id, request.body ?? {}));
    },
  );
  app.post(
    '/api/v1/releases/:id/advance',
    {
      schema: {
        operationId: 'advanceRollout',
        summary: 'Judge the guardrails now and move the rollout on, back or nowhere',
        tags,
        params: IdParams,
        body: AdvanceReleaseSchema,
        response: { 200: ReleaseSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'deployment:write');
      const force = request.body.force ?? false;
      return presentRelease(await release.advance(requestContext(request), request.params.id, { force }));
    },
  );
  app.post(
    '/api/v1/releases/:id/pause',
    {
      schema: {
        operationId: 'pauseRollout',
        summary: 'Stop a rollout where it is; its guardrails are watched all the same',
        tags,
        params: IdParams,
        body: PauseRolloutSchema,
        response: { 200: ReleaseSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'deployment:write');
      return presentRelease(await release.pause(requestContext(request), request.params.id, request.body));
    },
  );
  app.post(
    '/api/v1/releases/:id/resume',
    {
      schema: {
        operationId: 'resumeRollout',
        summary: 'Let a paused rollout go on',
        tags,
        params: IdParams,
        response: { 200: ReleaseSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'deployment:write');
      return presentRelease(await release.resume(requestContext(request), request.params.id));
    },
  );
  app.post(
    '/api/v1/endpoints/:endpoint/rollback',
    {
      schema: {
        operationId: 'rollBackEndpoint',
        summary: 'Go back to an earlier released version in one switch',
        tags,
        params: EndpointParams,
        body: RollBackSchema,
        response: { 200: ReleaseSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'release:rollback');
      return presentRelease(await release.rollBack(requestContext(request), request.params.endpoint, request.body));
    },
  );
  app.post(
    '/api/v1/endpoints/:endpoint/withdraw',
    {
      schema: {
        operationId: 'withdrawEndpoint',
        summary: 'Serve an endpoint no longer in an environment other than production',
        description:
          'Its deployments there are retired and its releases there are withdrawn: only a new one brings it back. Routing history and captured predictions stay.',
        tags,
        params: EndpointParams,
        body: WithdrawSchema,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'deployment:write');
      await release.withdraw(requestContext(request), request.params.endpoint, request.body);
      return reply.code(204).send(null);
    },
  );
}
