import type { Table } from '@fairlead/frame';
import type { ObjectStore } from '../../../platform/objects/index.js';
import type { DataService } from '../../data/index.js';
import type { ArtifactRef, RepeatedStep } from '../../pipelines/index.js';
import type { ModelScorer } from '../model-scorer.js';
import { readTrainingRecord } from '../training-record.js';
import type { ModelSignature } from '../training-types.js';
import { comparableJson, pairOutputs } from './reproduction-rules.js';
import type { ComparedOutput } from './reproduction-types.js';

export interface CompareDeps {
  readonly objects: ObjectStore;
  readonly data: Pick<DataService, 'readPart'>;
  readonly scorer: ModelScorer;
}

/** Compares the outputs of a step by their bytes, JSON apart from times and run ids, models then by their answers. */
export async function compareOutputs(
  deps: CompareDeps,
  { before, after }: Pick<RepeatedStep, 'before' | 'after'>,
  signal: AbortSignal,
): Promise<ComparedOutput[]> {
  const compared: ComparedOutput[] = [];
  for (const { name, before: then, after: now } of pairOutputs(before, after)) {
    const same = now !== null && (then.digest === now.digest || (await sameRecord(deps.objects, then, now)));
    const maxAbsDifference =
      !same && now !== null && then.kind === 'model'
        ? await compareModels(deps, { then, now, record: before.training }, signal)
        : null;
    compared.push({
      name,
      kind: then.kind,
      before: then.digest,
      after: now?.digest ?? null,
      same,
      maxAbsDifference,
    });
  }
  return compared;
}

async function sameRecord(objects: ObjectStore, then: ArtifactRef, now: ArtifactRef): Promise<boolean> {
  if (then.kind !== now.kind || (then.kind !== 'file' && then.kind !== 'report')) return false;
  if (!(await objects.has(then.digest)) || !(await objects.has(now.digest))) return false;
  const [a, b] = await Promise.all([objects.readBytes(then.digest), objects.readBytes(now.digest)]);
  const text = comparableJson(a);
  return text !== null && text === comparableJson(b);
}

/** The largest difference of an answer on the rows of the training; null when it is not known what those were. */
async function compareModels(
  { objects, data, scorer }: CompareDeps,
  { then, now, record }: { then: ArtifactRef; now: ArtifactRef; record: ArtifactRef | undefined },
  signal: AbortSignal,
): Promise<number | null> {
  if (record === undefined) return null;
  const { result, source } = await readTrainingRecord(objects, record.digest);
  const table = await data.readPart(source.splitId, source.part);
  const { signature } = result;
  const [a, b] = [
    await answers(scorer, { digest: then.digest, signature, table, signal }),
    await answers(scorer, { digest: now.digest, signature, table, signal }),
  ];
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] as number))), 0);
}

async function answers(
  scorer: ModelScorer,
  request: { digest: string; signature: ModelSignature; table: Table; signal: AbortSignal },
): Promise<Float64Array> {
  return (await scorer.score(request)).probabilities;
}
