import {
  DeclaredEnvironmentSchema,
  EnvironmentDeclarationSchema,
  EnvironmentSchema,
  type EnvironmentView,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../../platform/http/index.js';
import { can, requireCan } from '../../../platform/identity/index.js';
import { readPolicyParts } from '../read-policy.js';
import type { Environment, EnvironmentService } from './environment-types.js';

const tags = ['release'];
const params = Type.Object({ environment: Type.String({ maxLength: 100 }) });
const view = (environment: Environment) =>
  present<EnvironmentView>({ ...environment, policy: { ...environment.policy } } as never);

export function environmentRoutes(app: App, release: EnvironmentService): void {
  app.get(
    '/api/v1/environments',
    {
      schema: {
        operationId: 'listEnvironments',
        summary: 'List the environments',
        tags,
        response: { 200: Type.Object({ items: Type.Array(EnvironmentSchema) }) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'environment:read');
      return { items: (await release.environments()).map(view) };
    },
  );
  app.get(
    '/api/v1/environments/:environment',
    {
      schema: {
        operationId: 'getEnvironment',
        summary: 'Get an environment',
        tags,
        params,
        response: { 200: EnvironmentSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'environment:read');
      return view(await release.environment(request.params.environment));
    },
  );
  app.delete(
    '/api/v1/environments/:environment',
    {
      schema: {
        operationId: 'removeEnvironment',
        summary: 'Remove an environment where nothing serves',
        tags,
        params,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      if (!can(actor, 'policy:write')) requireCan(actor, 'environment:write');
      const { name, approval } = await release.environment(request.params.environment);
      requireCan(actor, approval === 'none' ? 'environment:write' : 'policy:write');
      await release.removeEnvironment(requestContext(request), name);
      return reply.code(204).send(null);
    },
  );
  app.put(
    '/api/v1/environments/:environment',
    {
      schema: {
        operationId: 'declareEnvironment',
        summary: 'Declare an environment: whether models need an approval there, and under which policy',
        tags,
        params,
        body: EnvironmentDeclarationSchema,
        response: { 200: DeclaredEnvironmentSchema },
      },
    },
    async (request) => {
      const { description = '', approval, policy = {} } = request.body;
      // Whoever says what models need is no engineer: see the release policies of project files.
      requireCan(actorOf(request), approval === 'none' ? 'environment:write' : 'policy:write');
      const { environment, changed } = await release.declareEnvironment(requestContext(request), {
        ...{ name: request.params.environment, description, approval },
        policy: readPolicyParts(policy),
      });
      return { environment: view(environment), changed };
    },
  );
}
