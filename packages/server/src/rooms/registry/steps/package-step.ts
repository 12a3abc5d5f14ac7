import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import type { ObjectStore } from '../../../platform/objects/index.js';
import { withScratchFolder } from '../../../platform/scratch/index.js';
import type { ArtifactRef, StepContext, StepHandler } from '../../pipelines/index.js';
import type { TrackingService } from '../../tracking/index.js';
import { paramsChecker, requireInput } from '../../training/index.js';
import { bundleModel } from '../bundles/bundle-model.js';
import { isBundleName } from '../bundles/bundle-rules.js';
import type { BundleKind, BundleResult } from '../bundles/bundle-types.js';
import { registryErrors } from '../registry-errors.js';
import type { RegistryService } from '../registry-types.js';

export interface PackageStepDeps {
  readonly registry: Pick<RegistryService, 'version'>;
  readonly tracking: Pick<TrackingService, 'link' | 'linkArtifact' | 'putArtifact'>;
  readonly objects: ObjectStore;
}

const KINDS = ['docker', 'npm', 'serverless'] as const satisfies readonly BundleKind[];
const Kind = Type.Enum([...KINDS]);

const PackageStepSchema = Type.Object(
  {
    as: Type.Union([Kind, Type.Array(Kind, { minItems: 1, uniqueItems: true })], {
      description: 'A container, an npm package for browsers and edge, a handler of a function service.',
    }),
    name: Type.Optional(Type.String({ description: 'Of the package and the image. Default: that of the model.' })),
    model: Type.Optional(Type.String({ minLength: 1, description: 'A registered model, without an input.' })),
    version: Type.Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Integer({ minimum: 1 })], {
        description: 'A number, an alias or `latest` (default).',
      }),
    ),
    baseImage: Type.Optional(Type.String({ minLength: 1, description: 'Of the container, best with its digest.' })),
  },
  { additionalProperties: false, description: 'Make folders that answer with a model by themselves.' },
);
type PackageValues = Static<typeof PackageStepSchema>;

const checkShape = paramsChecker(PackageStepSchema);

/**
 * The built-in step `package`: a registered version (input `version`, or `model` in its values) or the `model` of a train
 * step becomes the folders of `fairlead package`. Every file is an artifact of the run below the name of its kind; each
 * output is the manifest of one folder. Not cached: a rerun must have the files, too.
 */
export function createPackageStep(deps: PackageStepDeps): StepHandler {
  return {
    uses: 'package',
    version: '1',
    title: 'Package a model as a folder that runs by itself',
    cacheable: false,
    check: (params, inputs = []) => {
      const problems = checkShape(params);
      return problems.length > 0 ? problems : valueProblems(params as PackageValues, inputs);
    },
    run: async (step) => {
      const source = await sourceOf(deps.registry, step, step.params as PackageValues);
      const { outputs, summary } = await makeBundles(deps, step, source);
      const run = { kind: 'run', id: step.trackingRunId };
      return {
        outputs,
        summary,
        commit: (tx) => deps.tracking.link(tx, [{ from: source.node, to: run, relation: 'used-by' }]),
      };
    },
    repeat: async (step, { outputs, summary }) => {
      // An alias or `latest` may mean another version by now; the record says which bytes were packaged.
      const { digest } = summary as { digest: string };
      await deps.objects.verify(digest);
      const source = await sourceOf(deps.registry, step, step.params as PackageValues);
      const again = await makeBundles(deps, step, { ...source, digest });
      return { before: outputs, after: again.outputs, changed: [] };
    },
  };
}

async function makeBundles(deps: PackageStepDeps, step: StepContext, { digest, ownName }: Source) {
  const values = step.params as PackageValues;
  const kinds: readonly BundleKind[] = typeof values.as === 'string' ? [values.as] : values.as;
  const outputs: Record<string, ArtifactRef> = {};
  const summary: Record<string, string> = {};
  const name = values.name ?? ownName;
  await withScratchFolder('fairlead-package-', async (folder) => {
    for (const [index, kind] of kinds.entries()) {
      step.progress(index / kinds.length, `packaging as ${kind}`);
      const bundle = await bundleModel({
        modelPath: await deps.objects.localPath(digest),
        ...{ kind, name, outFolder: join(folder, kind) },
        ...(values.baseImage !== undefined && { baseImage: values.baseImage }),
      });
      step.signal.throwIfAborted();
      outputs[kind] = await keep(deps, step, bundle);
      summary[kind] = `${Object.keys(bundle.files).length + 1} files`;
    }
  });
  return { outputs, summary: { name, digest, ...summary } };
}

function valueProblems({ as, name, model, version, baseImage }: PackageValues, inputs: readonly string[]): string[] {
  const sources = [...inputs.filter((input) => input === 'version' || input === 'model'), ...(model ? ['with'] : [])];
  const problems: string[] = [];
  if (sources.length === 0) problems.push('model: connect an input `version` or `model`, or name a registered model');
  if (sources.length > 1) problems.push('model: more than one source is named; which of them?');
  if (name !== undefined && !isBundleName(name)) problems.push(`name: '${name}' cannot be that of a package`);
  if (name === undefined && inputs.includes('model')) problems.push('name: a model of a train step has none; give one');
  if (version !== undefined && model === undefined) problems.push('version: it needs `model`');
  if (baseImage !== undefined && ![as].flat().includes('docker')) problems.push('baseImage: only a container has one');
  return problems;
}

interface Source {
  readonly digest: string;
  readonly ownName: string;
  readonly node: { readonly kind: string; readonly id: string };
}

async function sourceOf(
  registry: PackageStepDeps['registry'],
  step: StepContext,
  { model, version = 'latest' }: PackageValues,
): Promise<Source> {
  if (step.inputs.model !== undefined) {
    const { digest } = requireInput(step, 'model', 'model');
    return { digest, ownName: '', node: { kind: 'model', id: digest } };
  }
  if (step.inputs.version !== undefined) {
    const { id, digest } = requireInput(step, 'version', 'model-version');
    return { digest, ownName: bundleNameOf(id.slice(0, id.lastIndexOf('/'))), node: { kind: 'model-version', id } };
  }
  if (model === undefined) throw registryErrors.REG_PACKAGE_SOURCE(`Step ${step.step} has neither input nor model.`);
  const found = await registry.version(model, version);
  if (found.form === 'folder') {
    throw registryErrors.REG_NOT_ONNX(
      `Version ${found.version} of ${model} is a folder of files, expected model.onnx.`,
      {
        data: { model, version: found.version },
      },
    );
  }
  const node = { kind: 'model-version', id: `${found.model}/${found.version}` };
  return { digest: found.digest, ownName: bundleNameOf(found.model), node };
}

/** Names of models may have capitals, those of packages and images may not. */
function bundleNameOf(model: string): string {
  return model.toLowerCase();
}

/** Every file below `KIND/` of the run; the manifest, which has their digests, is what is handed on. */
async function keep(
  { tracking, objects }: PackageStepDeps,
  { context, trackingRunId }: StepContext,
  { kind, folder, files, model }: BundleResult,
): Promise<ArtifactRef> {
  for (const [path, digest] of Object.entries(files)) {
    if (digest === model.digest) {
      await tracking.linkArtifact(context, trackingRunId, { path: `${kind}/${path}`, digest });
      continue;
    }
    const bytes = await readFile(join(folder, path));
    await tracking.putArtifact(context, trackingRunId, { path: `${kind}/${path}`, bytes });
  }
  const manifest = await objects.putBytes(await readFile(join(folder, 'manifest.json')));
  const { digest } = manifest;
  await tracking.linkArtifact(context, trackingRunId, { path: `${kind}/manifest.json`, digest });
  return { kind: 'file', id: digest, digest };
}
