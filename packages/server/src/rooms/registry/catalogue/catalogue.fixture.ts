import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Actor, fixedClock } from '@fairlead/kernel';
import { openTestSqlite } from '../../../platform/db/testing.js';
import { jobMigrations } from '../../../platform/jobs/index.js';
import { createLocalObjectStore } from '../../../platform/objects/index.js';
import { evaluationErrors } from '../../evaluation/index.js';
import { type LineageEdge, trackingErrors } from '../../tracking/index.js';
import { createRegistry } from '../create-registry.js';
import type { FileOwners, ModelUse } from '../registry-deps.js';
import { registryMigrations } from '../registry-migrations.js';
import { edgesInto, filesIn, noOutsideWorld } from '../registry-testing.js';

const ann: Actor = { kind: 'user', id: 'ann', roles: ['data-scientist'], authenticated: true };
export const context = { actor: ann };
export const LOGGED = `m-${'a'.repeat(32)}`;

/** A registry over a tree of files with one run, `0/run1`, and one logged model, {@link LOGGED}. */
export async function openCatalogue() {
  const test = await openTestSqlite([jobMigrations, registryMigrations]);
  const objects = createLocalObjectStore(mkdtempSync(join(tmpdir(), 'fairlead-objects-')));
  const clock = fixedClock(1_000);
  const edges: LineageEdge[] = [];
  const uses: ModelUse[] = [];
  const { files, content } = filesIn(new Map(), objects);
  const owners: FileOwners = {
    run: async (id) => {
      if (id === 'run1') return { artifactRoot: 'artifacts:/0/run1/artifacts' };
      throw trackingErrors.TRK_RUN_NOT_FOUND(`There is no run ${id}.`);
    },
    loggedModel: async (id) => {
      if (id === LOGGED) return { artifactRoot: `artifacts:/0/models/${LOGGED}/artifacts`, sourceRunId: 'run1' };
      throw trackingErrors.TRK_RUN_NOT_FOUND(`There is no logged model ${id}.`);
    },
  };
  const world = noOutsideWorld(test.db);
  const registry = createRegistry({
    ...world,
    objects,
    clock,
    files,
    owners,
    usesOf: async () => uses,
    sourceRoots: ['s3://models/port/'],
    tracking: edgesInto(edges),
    evaluation: { report: () => Promise.reject(evaluationErrors.EVAL_REPORT_NOT_FOUND('no report was stored')) },
  });
  await world.jobs.start();
  const dispose = async () => {
    await world.jobs.stop({ graceMs: 1_000 });
    await test.dispose();
  };
  return { ...registry, db: test.db, jobs: world.jobs, objects, clock, edges, uses, content, dispose };
}
