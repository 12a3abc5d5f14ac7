import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Table } from '@fairlead/frame';
import { type Clock, fixedClock, systemActor } from '@fairlead/kernel';
import type { ChangeContext, Db } from '../../platform/db/index.js';
import { openTestSqlite } from '../../platform/db/testing.js';
import { createInferenceHost } from '../../platform/inference/index.js';
import { createLake, type Lake, quoteLiteral } from '../../platform/lake/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import type { DataService, DatasetVersion, Split } from '../data/index.js';
import { createTracking, type TrackingService, trackingMigrations } from '../tracking/index.js';
import {
  createModelScorer,
  createTraining,
  type TrainingService,
  type TrainRequest,
  type TrainResult,
} from '../training/index.js';
import { createEvaluation, type EvaluationService } from './index.js';

export const me: ChangeContext = { actor: { ...systemActor, id: 'ada' } };

/** Splits held in memory: what the evaluation room asks of the data room. */
export type HeldSplits = Map<string, Readonly<Record<string, Table>>>;

export interface EvaluationBench {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly lake: Lake;
  readonly tracking: TrackingService;
  readonly training: TrainingService;
  readonly evaluation: EvaluationService;
  readonly splits: HeldSplits;
  /** NOAA's days of a city that match a condition, with whether it rained on the next day. */
  weather(city: string, where: string): Promise<Table>;
  train(table: Table, change?: Partial<TrainRequest>): Promise<TrainResult>;
  dispose(): Promise<void>;
}

export async function openEvaluationBench(clock: Clock = fixedClock(1_700_000_000_000)): Promise<EvaluationBench> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-evaluation-'));
  const vega = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');
  const { db, dispose } = await openTestSqlite([trackingMigrations]);
  const objects = createLocalObjectStore(folder);
  const lake = await createLake({ tempFolder: join(folder, 'tmp'), allowedFolders: [folder, vega] });
  const inference = createInferenceHost({ workers: 1 });
  const tracking = createTracking({ db, objects, clock, version: '0.0.0' });
  const scorer = createModelScorer({ inference, objects });
  const training = createTraining({ db, objects, clock, tracking, scorer, version: '0.0.0' });
  const splits: HeldSplits = new Map();
  const evaluation = createEvaluation({ db, objects, lake, clock, tracking, scorer, data: hold(splits) });
  return {
    ...{ db, objects, lake, tracking, training, evaluation, splits },
    weather: (city, where) =>
      lake.query(
        `select * from (
          select location, date::timestamp as date, precipitation, temp_max, temp_min, wind, weather,
            precipitation > 0 as wet, lead(precipitation > 0) over (order by date) as rain_tomorrow
          from read_csv(${quoteLiteral(join(vega, 'weather.csv'))}) where location = ?
        ) where rain_tomorrow is not null and ${where} order by date`,
        [city],
      ),
    train: (table, change = {}) =>
      training.train(me, {
        table,
        request: {
          target: 'rain_tomorrow',
          exclude: ['wet'],
          candidates: [{ trainer: 'logistic-regression' }],
          validation: { kind: 'time-series', folds: 3 },
          metric: 'brier',
          seed: 7,
          ...change,
        },
        experiment: 'rain',
        parentRunId: null,
        time: 'date',
        entity: ['location'],
      }),
    dispose: async () => {
      await inference.close();
      await lake.close();
      await dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function hold(splits: HeldSplits): Pick<DataService, 'readPart' | 'splitById' | 'versionById'> {
  return {
    readPart: async (splitId, part) => splits.get(splitId)?.[part] as Table,
    splitById: async (id) => ({ id, versionId: 'v1' }) as Split,
    versionById: async (id) => ({ id, time: 'date' }) as DatasetVersion,
  };
}
