import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, fixedClock, systemActor } from '@fairlead/kernel';
import type { ChangeContext, Db } from '../../platform/db/index.js';
import { openTestSqlite } from '../../platform/db/testing.js';
import { createInferenceHost, type InferenceHost } from '../../platform/inference/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import { createTracking, type TrackingService, trackingMigrations } from '../tracking/index.js';
import { createModelScorer, createTraining, type ModelScorer, type TrainingService } from './index.js';
import type { TrainRequest } from './training-types.js';

export const me: ChangeContext = { actor: { ...systemActor, id: 'ada' } };

export interface TrainingBench {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly inference: InferenceHost;
  readonly tracking: TrackingService;
  readonly scorer: ModelScorer;
  readonly training: TrainingService;
  /** The same room by another clock. */
  withClock(clock: Clock): { readonly training: TrainingService };
  dispose(): Promise<void>;
}

/** The room on a fresh SQLite database, object folder and inference host. */
export async function openTrainingBench(): Promise<TrainingBench> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-training-'));
  const { db, dispose } = await openTestSqlite([trackingMigrations]);
  const objects = createLocalObjectStore(folder);
  const clock = fixedClock(1_700_000_000_000);
  const inference = createInferenceHost({ workers: 1 });
  const tracking = createTracking({ db, objects, clock, version: '0.0.0' });
  const scorer = createModelScorer({ inference, objects });
  const training = createTraining({ db, objects, clock, tracking, scorer, version: '0.0.0' });
  return {
    ...{ db, objects, inference, tracking, scorer, training },
    withClock: (other) => ({
      training: createTraining({ db, objects, clock: other, tracking, scorer, version: '0.0.0' }),
    }),
    dispose: async () => {
      await inference.close();
      await dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A small honest request on the weather table. */
export function rainRequest(change: Partial<TrainRequest> = {}): TrainRequest {
  return {
    target: 'rain_tomorrow',
    exclude: ['wet'],
    candidates: [{ trainer: 'logistic-regression', params: { c: [0.1, 1] } }],
    validation: { kind: 'time-series', folds: 3 },
    metric: 'brier',
    seed: 7,
    ...change,
  };
}
