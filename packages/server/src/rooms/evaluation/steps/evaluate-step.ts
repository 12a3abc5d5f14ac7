import { type EvaluateStep, EvaluateStepSchema } from '@fairlead/contracts';
import type { ObjectStore } from '../../../platform/objects/index.js';
import type { Json, StepHandler } from '../../pipelines/index.js';
import { paramsChecker, readTrainingRecord, requireInput } from '../../training/index.js';
import { nameBaselines } from '../baseline-rules.js';
import { evaluationErrors } from '../evaluation-errors.js';
import type { BaselineSpec, EvaluationReport, EvaluationService } from '../evaluation-types.js';

export interface EvaluateStepDeps {
  readonly evaluation: Pick<EvaluationService, 'evaluate'>;
  readonly objects: ObjectStore;
}

const checkShape = paramsChecker(EvaluateStepSchema);

/** The built-in step `evaluate`: inputs `model`, `split` and `training`; output `report`. */
export function createEvaluateStep({ evaluation, objects }: EvaluateStepDeps): StepHandler {
  return {
    uses: 'evaluate',
    version: '2',
    title: 'Judge a model against its baselines',
    cacheable: true,
    check,
    run: async (step) => {
      const modelDigest = requireInput(step, 'model', 'model').digest;
      const splitId = requireInput(step, 'split', 'split').id;
      const { result } = await readTrainingRecord(objects, requireInput(step, 'training', 'file').digest);
      if (result.model.digest !== modelDigest) {
        throw evaluationErrors.EVAL_REPORT_OTHER_MODEL('The inputs `model` and `training` come from two trainings.', {
          data: { model: modelDigest, training: result.model.digest },
        });
      }
      const { seed, trackingRunId, signal, progress } = step;
      const { report, digest } = await evaluation.evaluate(
        step.context,
        { ...(step.params as EvaluateStep), modelDigest, signature: result.signature, splitId, seed, trackingRunId },
        { signal, progress },
      );
      return { outputs: { report: { kind: 'report', id: digest, digest } }, summary: summaryOf(report) };
    },
  };
}

function check(params: Readonly<Record<string, Json>>): string[] {
  const problems = checkShape(params);
  if (problems.length > 0) return problems;
  try {
    nameBaselines(params.baselines as unknown as BaselineSpec[]);
    return [];
  } catch (error) {
    return [`baselines: ${(error as Error).message}`];
  }
}

function summaryOf(report: EvaluationReport): Json {
  const { rows, strongestBaseline, slices } = report;
  const worstSlice = slices[0]?.slice ?? null;
  const summary =
    report.task === 'regression'
      ? {
          ...{ rows, rmse: report.scores.rmse, mae: report.scores.mae, r2: report.scores.r2, strongestBaseline },
          skills: report.baselines.map(({ baseline, mseSkill }) => ({ baseline, mseSkill })),
        }
      : {
          ...{ rows, accuracy: report.scores.accuracy, brier: report.scores.brier, rocAuc: report.scores.rocAuc },
          strongestBaseline,
          skills: report.baselines.map(({ baseline, brierSkill }) => ({ baseline, brierSkill })),
        };
  // Numbers that are not defined become null.
  return JSON.parse(JSON.stringify({ ...summary, worstSlice })) as Json;
}
