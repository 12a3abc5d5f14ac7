import { canonicalJson } from '@fairlead/kernel';
import type { ObjectRef, ObjectStore } from '../../platform/objects/index.js';
import { trainingErrors } from './training-errors.js';
import type { TrainingRecord, TuningRecord } from './training-types.js';

/** Stores what a training or a tuning did, for the steps after it. */
export function writeRecord(objects: ObjectStore, record: TrainingRecord | TuningRecord): Promise<ObjectRef> {
  return objects.putBytes(new TextEncoder().encode(canonicalJson(record)));
}

/** The record behind the `training` output of a train step. @throws TRN_RECORD_INVALID, OBJ_NOT_FOUND */
export function readTrainingRecord(objects: ObjectStore, digest: string): Promise<TrainingRecord> {
  return readRecord<TrainingRecord>(objects, digest, 'fairlead.training');
}

/** The record behind the `tuning` output of a tune step. @throws TRN_RECORD_INVALID, OBJ_NOT_FOUND */
export function readTuningRecord(objects: ObjectStore, digest: string): Promise<TuningRecord> {
  return readRecord<TuningRecord>(objects, digest, 'fairlead.tuning');
}

async function readRecord<T extends TrainingRecord | TuningRecord>(
  objects: ObjectStore,
  digest: string,
  kind: T['kind'],
): Promise<T> {
  const text = new TextDecoder().decode(await objects.readBytes(digest));
  const record = parse(text) as Partial<T> | null;
  if (record?.kind === kind && record.version === 1) return record as T;
  const name = kind.slice('fairlead.'.length);
  throw trainingErrors.TRN_RECORD_INVALID(`The object ${digest} is no record of a ${name}.`, {
    data: { digest, kind },
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
