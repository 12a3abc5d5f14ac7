import { canonicalJson } from '@fairlead/kernel';
import type { ObjectRef, ObjectStore } from '../../platform/objects/index.js';
import { trainingErrors } from './training-errors.js';
import type { TrainingRecord } from './training-types.js';

/** Stores what a training did, for the steps after it. */
export function writeTrainingRecord(objects: ObjectStore, record: TrainingRecord): Promise<ObjectRef> {
  return objects.putBytes(new TextEncoder().encode(canonicalJson(record)));
}

/** The record behind the `training` output of a train step. @throws TRN_RECORD_INVALID, OBJ_NOT_FOUND */
export async function readTrainingRecord(objects: ObjectStore, digest: string): Promise<TrainingRecord> {
  const text = new TextDecoder().decode(await objects.readBytes(digest));
  const record = parse(text) as Partial<TrainingRecord> | null;
  if (record?.kind === 'fairlead.training' && record.version === 1) return record as TrainingRecord;
  throw trainingErrors.TRN_RECORD_INVALID(`The object ${digest} is no record of a training.`, { data: { digest } });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
