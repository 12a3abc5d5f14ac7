import type { ServingParts } from '../serving-deps.js';
import { servingErrors } from '../serving-errors.js';
import type { ServingService } from '../serving-types.js';

/** Deploys and routes in one step where nobody has to approve it. @throws SRV_RELEASE_NEEDED */
export function createOpenDeployment(
  { authority }: Pick<ServingParts, 'authority'>,
  { deploy, route }: Pick<ServingService, 'deploy' | 'route'>,
): Pick<ServingService, 'deployOpenly'> {
  return {
    deployOpenly: async (context, request) => {
      const { endpoint, environment, version } = request;
      if (await authority.needsApproval(environment)) {
        throw servingErrors.SRV_RELEASE_NEEDED(`A model reaches ${environment} by a release only.`, {
          data: { endpoint, environment },
        });
      }
      const deployment = await deploy(context, request);
      const routing = await route(context, {
        ...{ endpoint, environment, reason: `version ${version.version} deployed to ${environment}` },
        entries: [{ deploymentId: deployment.id, weight: 1 }],
      });
      return { deployment, routing };
    },
  };
}
