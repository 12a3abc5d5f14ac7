import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFairleadError } from '@fairlead/kernel';
import { type Static, Type } from 'typebox';
import type { ObjectStore } from '../../../platform/objects/index.js';
import type { ArtifactRef, StepContext, StepHandler } from '../../pipelines/index.js';
import type { TrackingService } from '../../tracking/index.js';
import { paramsChecker, requireInput } from '../../training/index.js';
import type { ModelCatalogue, VersionRecord } from '../catalogue/catalogue-types.js';
import { modelNameProblem } from '../catalogue/name-rules.js';
import { registryErrors } from '../registry-errors.js';

export interface ConvertStepDeps {
  readonly catalogue: Pick<ModelCatalogue, 'createModel' | 'createVersion' | 'settle' | 'versionRecord'>;
  readonly tracking: Pick<TrackingService, 'link' | 'linkArtifact' | 'run'>;
  readonly objects: ObjectStore;
}

const PROGRAM = fileURLToPath(new URL('../../../../python/convert/convert_model.py', import.meta.url));
const REPORT = 'report.json';
const MODEL = 'model.onnx';

const ConvertStepSchema = Type.Object(
  {
    model: Type.Optional(Type.String({ minLength: 1, description: 'A registered model, without an input `version`.' })),
    version: Type.Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Integer({ minimum: 1 })], {
        description: 'A number, an alias or `latest` (default).',
      }),
    ),
    as: Type.Optional(
      Type.String({ minLength: 1, description: 'The model that gets the new version. Default: the same.' }),
    ),
    python: Type.Optional(
      Type.String({ minLength: 1, description: 'Your interpreter, from the project folder. Default: python3.' }),
    ),
    sample: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'CSV or Parquet with rows that both models answer. Default: the input example.',
      }),
    ),
    tolerance: Type.Optional(
      Type.Number({ minimum: 0, description: 'How far apart answers may be, relative above 1. Default: 1e-4.' }),
    ),
  },
  { additionalProperties: false, description: 'Make an ONNX version of a model that was logged from Python.' },
);
type ConvertValues = Static<typeof ConvertStepSchema>;

const checkShape = paramsChecker(ConvertStepSchema);

/**
 * The built-in step `convert`: a version of the flavours sklearn, XGBoost, LightGBM or PyTorch becomes a version that endpoints
 * can serve. The user's own Python opens the model, never this server; both models must give the same answers. Outputs:
 * `version`, and `model`, the ONNX file. The same run of a pipeline twice is one version.
 */
export function createConvertStep(deps: ConvertStepDeps): StepHandler {
  return {
    uses: 'convert',
    version: '1',
    title: 'Convert a model that was logged from Python to ONNX',
    cacheable: false,
    check: (params, inputs = []) => {
      const problems = checkShape(params);
      return problems.length > 0 ? problems : valueProblems(params as ConvertValues, inputs);
    },
    run: async (step) => {
      const source = await sourceOf(deps, step);
      const { model, summary } = await convert(deps, step, source);
      const { digest, ...version } = await register(deps, step, { source, onnxDigest: model.digest });
      const id = `${version.model}/${version.version}`;
      const [from, to] = [nodeOf(source), { kind: 'run', id: step.trackingRunId }];
      return {
        outputs: { version: { kind: 'model-version', id, digest }, model },
        summary: { ...version, digest, ...summary },
        commit: (tx) => deps.tracking.link(tx, [{ from, to, relation: 'used-by' }]),
      };
    },
    repeat: async (step, { outputs: { model: before }, summary }) => {
      if (before === undefined) return { cannot: 'kept no model' };
      // An alias or `latest` may mean another version by now; the record says which one was converted.
      const from = String((summary as { from: string }).from);
      const { model } = await convert(deps, step, await versionAt(deps, from));
      return { before: { model: before }, after: { model }, changed: [] };
    },
  };
}

function valueProblems({ model, version, as }: ConvertValues, inputs: readonly string[]): string[] {
  const connected = inputs.includes('version');
  const problems: string[] = [];
  if (!connected && model === undefined) problems.push('model: connect an input `version`, or name a registered model');
  if (connected && model !== undefined) problems.push('model: the input `version` names one, too; which of them?');
  if (version !== undefined && model === undefined) problems.push('version: it needs `model`');
  const problem = as === undefined ? null : modelNameProblem(as);
  if (problem !== null) problems.push(`as: ${problem}`);
  return problems;
}

async function sourceOf(deps: ConvertStepDeps, step: StepContext): Promise<VersionRecord> {
  const { model, version = 'latest' } = step.params as ConvertValues;
  if (step.inputs.version === undefined && model !== undefined) return deps.catalogue.versionRecord(model, version);
  return versionAt(deps, requireInput(step, 'version', 'model-version').id);
}

function versionAt({ catalogue }: ConvertStepDeps, id: string): Promise<VersionRecord> {
  const at = id.lastIndexOf('/');
  return catalogue.versionRecord(id.slice(0, at), id.slice(at + 1));
}

function nodeOf({ model, version }: VersionRecord) {
  return { kind: 'model-version', id: `${model}/${version}` };
}

/** Runs the program and keeps what it wrote as files of the run: `model/…` in MLflow's layout and the report. */
async function convert(deps: ConvertStepDeps, step: StepContext, { model, version }: VersionRecord) {
  const { python = 'python3', sample, tolerance } = step.params as ConvertValues;
  const options = Object.entries({ model, version, seed: step.seed, sample, tolerance }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  // -B: the program's folder is not for the user's Python to write to.
  return step.command([python, '-B', PROGRAM, ...options], async (folder) => {
    const digests = await keepFiles(deps, step, folder);
    const digest = digests[`model/${MODEL}`];
    if (digest === undefined) throw new Error(`the converter wrote no model/${MODEL}`);
    const { packages, ...report } = JSON.parse(await readFile(join(folder, REPORT), 'utf8')) as Report;
    const ref: ArtifactRef = { kind: 'file', id: `${digest}/${MODEL}`, digest };
    return { model: ref, summary: { from: `${model}/${version}`, ...report } };
  });
}

interface Report {
  readonly flavour: string;
  readonly rows: number;
  readonly rowsFrom: string;
  readonly maxDifference: number;
  readonly labelsDiffering: number;
  readonly tolerance: number;
  /** In the user's environment, by name. */
  readonly packages: Readonly<Record<string, string>>;
}

async function keepFiles({ objects, tracking }: ConvertStepDeps, step: StepContext, folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const digests: Record<string, string> = {};
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const path = relative(folder, file).split(sep).join('/');
    const { digest } = await objects.putFile(file);
    await tracking.linkArtifact(step.context, step.trackingRunId, { path, digest });
    digests[path] = digest;
  }
  return digests;
}

/** The version with these files, examined: the same step of the same run that made the same file made it already. */
async function register(
  { catalogue, tracking }: ConvertStepDeps,
  step: StepContext,
  { source, onnxDigest }: { source: VersionRecord; onnxDigest: string },
) {
  const { context, trackingRunId, pipelineRunId } = step;
  const { as: model = source.model } = step.params as ConvertValues;
  await catalogue.createModel(context, { name: model }).catch((error: unknown) => {
    if (!isFairleadError(error) || error.code !== 'REG_MODEL_EXISTS') throw error;
  });
  const { artifactRoot } = await tracking.run(trackingRunId);
  const { version } = await catalogue.createVersion(context, {
    model,
    source: `${artifactRoot}/model`,
    runId: trackingRunId,
    description: `Converted to ONNX from version ${source.version} of ${source.model}.`,
    tags: { 'fairlead.converted-from': `${source.model}/${source.version}` },
    retryKey: `${pipelineRunId}/${step.step}/${onnxDigest}`,
  });
  const { packaged, notServable } = await catalogue.settle(context, model, version);
  if (packaged !== null) return { model, version, digest: packaged.digest };
  throw registryErrors.REG_NOT_SERVABLE(
    `Version ${version} of '${model}' was converted and cannot be served: ${notServable}`,
    {
      data: { model, version, reason: notServable },
    },
  );
}
