import { type SplitStep, SplitStepSchema } from '@fairlead/contracts';
import type { DataService, DatasetVersion, Split, SplitSpec } from '../../data/index.js';
import type { ArtifactRef, Json, StepContext, StepHandler } from '../../pipelines/index.js';
import { paramsChecker } from './check-params.js';
import { requireInput } from './step-inputs.js';

type Data = Pick<DataService, 'split' | 'resplit' | 'version' | 'versionById'>;

const checkShape = paramsChecker(SplitStepSchema);

/**
 * The built-in step `split`: parts a dataset version. Not cached, because `latest` may have moved; an equal split of an
 * equal version is the same split anyway.
 */
export function createSplitStep(data: Data): StepHandler {
  return {
    uses: 'split',
    version: '1',
    title: 'Part a dataset version',
    cacheable: false,
    check,
    run: async (step) => {
      const version = await versionOf(data, step);
      const { dataset: _d, version: _v, ...spec } = step.params as SplitStep;
      const full = spec.by === 'time' ? spec : { ...spec, seed: spec.seed ?? step.seed };
      const split = await data.split(step.context, version.id, full as SplitSpec);
      const rows = Object.fromEntries(split.parts.map((part) => [part.name, part.rows]));
      return {
        outputs: { split: { kind: 'split', id: split.id, digest: split.id } },
        summary: { dataset: version.dataset, version: version.number, rows, unused: split.unusedRows },
      };
    },
    repeat: async (_step, { outputs }) => {
      const { before, after } = await data.resplit(outputs.split?.id ?? '');
      return { before: refsOf(before), after: refsOf(after), changed: [] };
    },
  };
}

/** The split and, of each part, which rows are in it and the file that holds them. */
function refsOf({ id, parts }: Pick<Split, 'id' | 'parts'>): Record<string, ArtifactRef> {
  const ofParts = parts.flatMap(({ name, rowIdDigest, fileDigest }) => [
    [`rows of ${name}`, { kind: 'row-ids', id: `${id}/${name}`, digest: rowIdDigest }] as const,
    [`bytes of ${name}`, { kind: 'part', id: `${id}/${name}`, digest: fileDigest }] as const,
  ]);
  return { ...Object.fromEntries(ofParts), split: { kind: 'split', id, digest: id } };
}

function check(params: Readonly<Record<string, Json>>): string[] {
  const problems = checkShape(params);
  if (problems.length > 0) return problems;
  const { parts } = params as SplitStep;
  if (Object.keys(parts).length === 0) return ['parts: names no part'];
  const shares = Object.values(parts).filter((share) => typeof share === 'number');
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.length > 0 && total > 1 + 1e-9 ? [`parts: the shares sum to ${total}, more than 1`] : [];
}

function versionOf(data: Data, step: StepContext): Promise<DatasetVersion> {
  const { dataset, version = 'latest' } = step.params as SplitStep;
  if (dataset !== undefined) return data.version(dataset, version);
  return data.versionById(requireInput(step, 'version', 'dataset-version').id);
}
