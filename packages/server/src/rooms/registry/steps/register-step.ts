import { createHash } from 'node:crypto';
import { canonicalJson, isName } from '@fairlead/kernel';
import { Type } from 'typebox';
import type { ObjectRef, ObjectStore } from '../../../platform/objects/index.js';
import type { DataService } from '../../data/index.js';
import { type EvaluationService, evaluationErrors } from '../../evaluation/index.js';
import type { ArtifactRef, Json, StepContext, StepHandler } from '../../pipelines/index.js';
import type { TrackingService } from '../../tracking/index.js';
import { paramsChecker, readTrainingRecord, requireInput, type TrainingRecord } from '../../training/index.js';
import type { ModelFile, NewModelVersion, RegistryService } from '../registry-types.js';

export interface RegisterStepDeps {
  readonly registry: Pick<RegistryService, 'register' | 'version'>;
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
      const { tags } = step.params as { tags?: Record<string, string> };
      const facts = await gather(deps, step);
      const { reportDigest } = facts;
      const version = await deps.registry.register(step.context, { ...facts, ...(tags && { tags }) });
      const id = `${version.model}/${version.version}`;
      const judged = { from: { kind: 'report', id: reportDigest }, to: { kind: 'model-version', id } };
      return {
        outputs: { version: { kind: 'model-version', id, digest: version.digest } },
        summary: { model: version.model, version: version.version, digest: version.digest },
        commit: (tx) => deps.tracking.link(tx, [{ ...judged, relation: 'judged-by' }]),
      };
    },
    repeat: async (step, { outputs }) => {
      const id = outputs.version?.id ?? '';
      const at = id.lastIndexOf('/');
      const registered = await deps.registry.version(id.slice(0, at), id.slice(at + 1));
      // The bytes themselves, too: a version stands for them.
      for (const { digest } of registered.files) await deps.objects.verify(digest);
      return { before: refsOf(id, registered), after: refsOf(id, await gather(deps, step)), changed: [] };
    },
  };
}

type Gathered = Omit<NewModelVersion, 'tags'> & { readonly reportDigest: string };

/** Everything that is registered, from the inputs of the step. */
async function gather(deps: RegisterStepDeps, step: StepContext): Promise<Gathered> {
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
  return {
    ...factsOf(record),
    model: (step.params as { model: string }).model,
    files: [
      { path: 'model.onnx', ...record.result.model },
      await sized('training.json', trainingDigest),
      await sized('report.json', reportDigest),
      { path: 'profile.json', ...profile },
    ],
    reportDigest,
    profileDigest: profile.digest,
  };
}

/** A version's model, its other files, and the facts beside them, each by its digest. */
function refsOf(id: string, version: Omit<NewModelVersion, 'tags'>): Record<string, ArtifactRef> {
  const { digest, files, signature, parity, source, model } = version;
  const facts = canonicalJson({ signature, parity, source, model });
  return {
    version: { kind: 'model-version', id, digest },
    ...Object.fromEntries(
      files.map((file) => [file.path, { kind: 'version-file', id: `${id}/${file.path}`, digest: file.digest }]),
    ),
    facts: { kind: 'facts', id, digest: createHash('sha256').update(facts).digest('hex') },
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
