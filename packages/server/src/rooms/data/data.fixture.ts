import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { type Db, openDb, type RoomMigrations } from '../../platform/db/index.js';
import { createLake } from '../../platform/lake/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import { type CreateDataDeps, createData } from './create-data.js';
import { dataMigrations } from './data-migrations.js';
import type { DataService, DatasetSpec } from './data-types.js';

const root = fileURLToPath(new URL('../../../../../', import.meta.url));
/** NOAA daily weather of Seattle and New York 2012–2015, from vega-datasets. */
export const WEATHER_CSV = join(root, 'node_modules/vega-datasets/data/weather.csv');
/** Hourly weather of Turku; outside the repository and not everywhere. */
export const TURKU_CSV = join(root, '../shared/data/turku-weather.csv');

const DAY_MS = 86_400_000;
export const context = { actor: systemActor };

export interface TestHome {
  readonly data: DataService;
  readonly deps: CreateDataDeps;
  readonly db: Db;
  readonly objects: ObjectStore;
  /** Files written here may be ingested by path. */
  readonly folder: string;
  write(name: string, content: string | Uint8Array): string;
  dispose(): Promise<void>;
}

/** A data room on SQLite, DuckDB and a folder of its own. */
export async function openTestHome(
  options: Partial<CreateDataDeps> & { rooms?: readonly RoomMigrations[] } = {},
): Promise<TestHome> {
  const home = mkdtempSync(join(tmpdir(), 'fairlead-data-'));
  const folder = join(home, 'project');
  mkdirSync(folder);
  const { rooms = [], ...more } = options;
  const db = await openDb({ url: join(home, 'fairlead.db'), rooms: [dataMigrations, ...rooms] });
  const objects = createLocalObjectStore(join(home, 'objects'));
  const lake = await createLake({ tempFolder: join(home, 'temp'), allowedFolders: [join(home, 'objects')] });
  const clock = fixedClock(1_700_000_000_000);
  const deps: CreateDataDeps = { db, objects, lake, clock, dataRoots: () => [folder], ...more };
  return {
    data: createData(deps),
    deps,
    db,
    objects,
    folder,
    write: (name, content) => {
      writeFileSync(join(folder, name), content);
      return name;
    },
    dispose: async () => {
      await lake.close();
      await db.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Seattle's days 2012–2014 under a full contract; tomorrow's rain is the label. */
export const seattle: DatasetSpec = {
  source: {
    path: 'weather.csv',
    where: `location = 'Seattle' and date < '2015-01-01'`,
    columns: {
      location: { type: 'string', values: ['Seattle', 'New York'] },
      date: { type: 'timestamp' },
      precipitation: { type: 'number', required: true, min: 0, max: 500, unit: 'mm' },
      temp_max: { type: 'number', required: true, min: -60, max: 60, unit: '°C' },
      temp_min: { type: 'number', required: true, min: -60, max: 60, unit: '°C' },
      wind: { type: 'number', required: true, min: 0, max: 120, unit: 'm/s' },
      weather: { type: 'string', pattern: '[a-z]+' },
    },
    derive: { rain: 'precipitation > 0', month: 'month(date)' },
  },
  time: 'date',
  entity: ['location'],
  checks: [
    { name: 'warm-above-cold', kind: 'row', sql: 'temp_max >= temp_min' },
    { name: 'one-per-day', kind: 'unique', columns: ['location', 'date'] },
    { name: 'enough', kind: 'row-count', min: 300 },
    { name: 'plausible-year', kind: 'table', sql: 'avg(temp_max) between 0 and 30' },
  ],
  label: { name: 'rain_tomorrow', of: 'rain', horizonMs: DAY_MS },
};
