import { type Plan, PlanSchema, ProjectRequestSchema } from '@fairlead/contracts';
import { type App, actorOf, present, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { ProjectService } from './project-service.js';

const tags = ['project'];

export function projectRoutes({ projects }: { projects: ProjectService }): (app: App) => Promise<void> {
  return async (app) => {
    app.post(
      '/api/v1/projects/plan',
      {
        schema: {
          operationId: 'planProject',
          summary: 'What applying a project file would change',
          tags,
          body: ProjectRequestSchema,
          response: { 200: PlanSchema },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'project:read');
        return present<Plan>(await projects.plan(request.body));
      },
    );
    app.post(
      '/api/v1/projects/apply',
      {
        schema: {
          operationId: 'applyProject',
          summary: 'Declare everything of a project file',
          tags,
          body: ProjectRequestSchema,
          response: { 200: PlanSchema },
        },
      },
      async (request) => {
        return present<Plan>(await projects.apply(requestContext(request), request.body));
      },
    );
  };
}
