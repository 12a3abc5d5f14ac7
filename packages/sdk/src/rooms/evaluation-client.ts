import type { AnyEvaluationReportView } from '@fairlead/contracts';
import type { Transport } from '../call-types.js';

export function evaluationsClient({ json }: Transport) {
  return {
    /** By the digest that a model version names. */
    report: (digest: string) => json<AnyEvaluationReportView>('getEvaluationReport', { params: { digest } }),
  };
}
