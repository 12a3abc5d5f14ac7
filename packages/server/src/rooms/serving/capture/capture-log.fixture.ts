import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openTestSqlite, type TestDb } from '../../../platform/db/testing.js';
import { createLake, type Lake } from '../../../platform/lake/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../../platform/objects/index.js';
import { servingMigrations } from '../serving-migrations.js';
import { createServingStore } from '../serving-store.sql.js';
import type { CapturedRow } from '../serving-types.js';
import type { CaptureEntry, CaptureLog, CaptureOptions, InputKinds } from './capture-types.js';
import type { CompactDeps } from './compact-segment.js';
import { createCaptureLog } from './create-capture-log.js';

/** Real parts for prediction logs in one folder, for the tests of a file. */
export function openCaptureFile() {
  let test: TestDb;
  let lake: Lake;
  let objects: ObjectStore;
  const home = mkdtempSync(join(tmpdir(), 'fairlead-capture-'));
  const folder = join(home, 'capture');
  const store = createServingStore();
  beforeAll(async () => {
    test = await openTestSqlite([servingMigrations]);
    objects = await createLocalObjectStore(join(home, 'objects'));
    lake = await createLake({ tempFolder: join(home, 'temp'), allowedFolders: [home], threads: 1 });
  });
  afterAll(async () => {
    await lake.close();
    await test.dispose();
    rmSync(home, { recursive: true, force: true });
  });
  const deps = (): CompactDeps => ({ db: test.db, store, objects, lake });
  return {
    home,
    folder,
    store,
    deps,
    lake: () => lake,
    open: (options: Partial<CaptureOptions> = {}, change: Partial<CompactDeps> = {}) =>
      createCaptureLog({ ...deps(), ...change }, { folder, ...options }),
    objectsOf: (endpoint: string) => store.listCaptureObjects(test.db, { endpoint }),
  };
}

/** A captured row of endpoint `e`. */
export const row = (id: string, change: Partial<CapturedRow> = {}): CapturedRow => ({
  id,
  requestId: 'r',
  atMs: 1000,
  endpoint: 'e',
  environment: 'test',
  deploymentId: 'd1',
  model: 'm',
  version: 1,
  shadow: false,
  routeReason: 'only',
  consumer: 'c',
  latencyMs: 1.25,
  queueMs: 0.25,
  computeMs: 0.5,
  propensity: 0.2,
  status: 200,
  errorCode: null,
  label: 'yes',
  probability: 0.75,
  inputs: { wind: 3.5, sky: 'grey "☔"\n', holiday: true, gone: null },
  ...change,
});

export const KINDS: InputKinds = { wind: 'float64', sky: 'string', holiday: 'boolean' };

/** Requests of one row each. */
export const entries = (endpoint: string, rows: readonly CapturedRow[], kinds = KINDS): CaptureEntry[] =>
  rows.map(({ id, requestId, consumer, inputs, label, probability, ...facts }) => ({
    source: { ...facts, endpoint, kinds },
    request: { requestId, consumer, input: { kind: 'rows', rows: [inputs], ids: [id] } },
    facts,
    decoded:
      label === null ? [] : [{ label, probabilities: probability === null ? {} : { no: 0.1, yes: probability } }],
    rows: 1,
  }));

export const append = (log: CaptureLog, endpoint: string, rows: readonly CapturedRow[], kinds = KINDS) =>
  Promise.all(entries(endpoint, rows, kinds).map((entry) => log.append(entry)));

export const query = (endpoint: string) => ({ endpoint, environment: 'test' });
export const idsOf = (rows: readonly CapturedRow[]) => rows.map(({ id }) => id);
