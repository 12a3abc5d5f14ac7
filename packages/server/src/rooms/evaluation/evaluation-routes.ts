import { AnyEvaluationReportSchema, type AnyEvaluationReportView } from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { EvaluationReport, EvaluationService } from './evaluation-types.js';

export interface EvaluationRoutesDeps {
  readonly evaluation: Pick<EvaluationService, 'report'>;
}

export function evaluationRoutes({ evaluation }: EvaluationRoutesDeps): (app: App) => Promise<void> {
  return async (app) => {
    app.get(
      '/api/v1/evaluation-reports/:digest',
      {
        schema: {
          operationId: 'getEvaluationReport',
          summary: 'Get an evaluation report by its digest',
          tags: ['evaluation'],
          params: Type.Object({ digest: Type.String({ pattern: '^[0-9a-f]{64}$' }) }),
          response: { 200: AnyEvaluationReportSchema },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'model:read');
        return presentReport(await evaluation.report(request.params.digest));
      },
    );
  };
}

/** A number that is not defined is null on the wire, as JSON writes NaN. */
function presentReport(report: EvaluationReport): AnyEvaluationReportView {
  return JSON.parse(JSON.stringify(report)) as AnyEvaluationReportView;
}
