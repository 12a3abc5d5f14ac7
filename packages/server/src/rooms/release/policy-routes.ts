import {
  DeclaredPolicySchema,
  ReleasePolicyDeclarationSchema,
  ReleasePolicySchema,
  type ReleasePolicyView,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { ServingService } from '../serving/index.js';
import { readPolicyParts } from './read-policy.js';
import type { PolicyContent, ReleasePolicy, ReleaseService } from './release-types.js';

const tags = ['release'];
const EndpointParams = Type.Object({ endpoint: Type.String({ maxLength: 100 }) });
const view = (policy: ReleasePolicy) => present<ReleasePolicyView>({ ...policy } as never);

export interface PolicyRoutesDeps {
  readonly release: Pick<ReleaseService, 'policy' | 'declarePolicy'>;
  readonly serving: Pick<ServingService, 'endpoint'>;
}

export function policyRoutes(app: App, { release, serving }: PolicyRoutesDeps): void {
  app.get(
    '/api/v1/endpoints/:endpoint/release-policy',
    {
      schema: {
        operationId: 'getReleasePolicy',
        summary: 'Get the gates, signatures and rollout of an endpoint',
        tags,
        params: EndpointParams,
        querystring: Type.Object({ environment: Type.String({ maxLength: 100, default: 'production' }) }),
        response: { 200: ReleasePolicySchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'release:read');
      return view(await release.policy(request.params.endpoint, request.query.environment));
    },
  );
  app.put(
    '/api/v1/endpoints/:endpoint/release-policy',
    {
      schema: {
        operationId: 'declareReleasePolicy',
        summary: 'Set the gates, signatures and rollout of an endpoint',
        description:
          'As `endpoints.<name>.release` of a project file. Whatever was asked for under the former policy is superseded.',
        tags,
        params: EndpointParams,
        body: ReleasePolicyDeclarationSchema,
        response: { 200: DeclaredPolicySchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'policy:write');
      // A project may declare the policy before its endpoint; a name alone may be a slip.
      const { name } = await serving.endpoint(request.params.endpoint);
      const content = readPolicyParts(request.body) as PolicyContent;
      const declared = await release.declarePolicy(requestContext(request), name, content);
      return { policy: view(declared.policy), changed: declared.changed };
    },
  );
}
