import { canonicalJson, isName } from '@fairlead/kernel';
import { Type } from 'typebox';
import type { ObjectRef, ObjectStore } from '../../../platform/objects/index.js';
import type { DataService } from '../../data/index.js';
import { type EvaluationService, evaluationErrors } from '../../evaluation/index.js';
import type { Json, StepHandler } from '../../pipelines/index.js';
import type { TrackingService } from '../../tracking/index.js';
import { paramsChecker, readTrainingRecord, requireInput, type TrainingRecord } from '../../training/index.js';
import type { ModelFile, NewModelVersion, RegistryService } from '../registry-types.js';

export interface RegisterStepDeps {
  readonly registry: Pick<RegistryService, 'register'>;
  readonly evaluation: Pick<EvaluationService, 'report'>;
  readonly data: Pick<DataService, 'profile'>;
  readonly tracking: Pick<TrackingService, 'link'>;
  readonly objects: ObjectStore;
}

const RegisterStepSchema = Type.Object(
  {
    model: Type.String({ minLength: 1, description: 'The name under which versions are numbered.' }),
    tags: Type.Optional(Type.Record(Type.String({ minLength: 1, maxLength: 250 }), Type.String({ maxLength: 5_000 }))),
  },
  { additionalProperties: false, description: 'Register a packaged model as a version.' },
);

const checkShape = paramsChecker(RegisterStepSchema);

/** A bad name is told when the pipeline is declared, not after a night of training. */
function check(params: Readonly<Record<string, Json>>): string[] {
  const problems = checkShape(params);
  if (problems.length > 0 || isName(String(params.model))) return problems;
  return [`model: '${String(params.model).slice(0, 100)}' cannot be a model's name`];
}

/** The built-in step `register`: inputs `training`, `report` and `split`; output `version`. The same run twice is one version. */
export function createRegisterStep(deps: RegisterStepDeps): StepHandler {
  return {
    uses: 'register',
    version: '1',
    title: 'Register a model version',
    cacheable: false,
    check,
    run: async (step) => {
      const { model, tags } = step.params as { model: string; tags?: Record<string, string> };
      const trainingDigest = requireInput(step, 'training', 'file').digest;
      const reportDigest = requireInput(step, 'report', 'report').digest;
      const split = requireInput(step, 'split', 'split');
      const record = await readTrainingRecord(deps.objects, trainingDigest);
      const report = await deps.evaluation.report(reportDigest);
      if (report.modelDigest !== record.result.model.digest || record.source.splitId !== split.id) {
        throw evaluationErrors.EVAL_REPORT_OTHER_MODEL('The inputs belong to different trainings or splits.', {
          data: { report: report.modelDigest, training: record.result.model.digest, split: split.id },
        });
      }
      const profile = await storeProfile(deps, record);
      const sized = async (path: string, digest: string): Promise<ModelFile> => ({
        path,
        digest,
        sizeBytes: await deps.objects.sizeOf(digest),
      });
      const version = await deps.registry.register(step.context, {
        ...factsOf(record),
        model,
        files: [
          { path: 'model.onnx', ...record.result.model },
          await sized('training.json', trainingDigest),
          await sized('report.json', reportDigest),
          { path: 'profile.json', ...profile },
        ],
        reportDigest,
        profileDigest: profile.digest,
        ...(tags && { tags }),
      });
      const id = `${version.model}/${version.version}`;
      const judged = { from: { kind: 'report', id: reportDigest }, to: { kind: 'model-version', id } };
      return {
        outputs: { version: { kind: 'model-version', id, digest: version.digest } },
        summary: { model: version.model, version: version.version, digest: version.digest },
        commit: (tx) => deps.tracking.link(tx, [{ ...judged, relation: 'judged-by' }]),
      };
    },
  };
}

/** The profile of the training rows: what monitoring compares with. */
async function storeProfile({ data, objects }: RegisterStepDeps, { source }: TrainingRecord): Promise<ObjectRef> {
  const profile = await data.profile({ splitId: source.splitId, part: source.part });
  // Numbers that are not defined become null, which canonical JSON can carry.
  return objects.putBytes(new TextEncoder().encode(canonicalJson(JSON.parse(JSON.stringify(profile)))));
}

function factsOf({
  result,
  source,
}: TrainingRecord): Pick<NewModelVersion, 'digest' | 'signature' | 'parity' | 'source'> {
  const { pipelineRunId, trackingRunId, splitId, datasetVersionId, part: trainPart } = source;
  const { trainer, params } = result.best;
  return {
    digest: result.model.digest,
    signature: result.signature,
    parity: result.parity,
    source: { pipelineRunId, trackingRunId, splitId, datasetVersionId, trainPart, trainer, params },
  };
}
