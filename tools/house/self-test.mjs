// @ts-check
// Breaks the law on purpose in a temporary folder, every time the check runs. A checker that sees nothing also reports
// nothing (dependency-cruiser 17 beside TypeScript 7 reads zero modules and is green), so silence alone proves nothing.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { takeCensus } from './census.mjs';
import { judgeImports } from './import-law.mjs';
import { SERVER } from './rooms.mjs';

const R = `${SERVER}/rooms`;
const F = `${SERVER}/faces`;
const REFERENCES = { kernel: [], num: ['kernel'], server: ['kernel', 'num'], cli: ['kernel', 'server'] };

/** File, content, and the rule it must break ('' = not reported: lawful, or the far end of a cycle reported once). @type {[string, string, string][]} */
const IMPORT_SEEDS = [
  ['packages/kernel/src/index.ts', `export const a = 1;`, ''],
  ['packages/kernel/src/upward.ts', `import '../../num/src/index.js';`, 'package-kernel'],
  ['packages/num/src/index.ts', `import { a } from '../../kernel/src/index.js'; export const b = a;`, ''],
  ['packages/num/src/side-door.ts', `import '../../kernel/src/upward.js';`, 'package-door'],
  [
    'packages/num/src/reads-files.ts',
    `import { readFileSync } from 'node:fs'; export const r = readFileSync;`,
    'num-no-node',
  ],
  ['packages/num/src/borrows.ts', `import { k } from 'kysely'; export { k };`, 'num-no-npm'],
  ['packages/num/src/lost.ts', `export * from './nowhere.js';`, 'no-unresolved'],
  ['packages/cli/src/index.ts', `export type { G } from '../../server/src/rooms/registry/index.js';`, 'package-door'],
  ['packages/cli/src/stale.ts', `export { c } from '../../kernel/dist/built.js';`, 'no-built-output'],
  [`${R}/data/index.ts`, `export interface D { n: number }`, ''],
  [`${R}/data/inside.ts`, `export const secret = 1;`, ''],
  [
    `${R}/data/inside.test.ts`,
    `import { secret } from './inside.js'; import '../registry/index.js'; export { secret };`,
    '',
  ],
  [`${R}/data/uses-test.ts`, `import './inside.test.js';`, 'no-test-in-source'],
  [`${R}/registry/index.ts`, `export interface G { n: number }`, ''],
  [`${R}/registry/leftward.ts`, `import type { D } from '../data/index.js'; export type E = D;`, ''],
  [
    `${R}/registry/rightward.ts`,
    `import { open } from '../release/index.js'; export { open };`,
    'room-registry-rightward',
  ],
  [
    `${R}/registry/rightward-type.ts`,
    `import type { T } from '../release/index.js'; export type U = T;`,
    'room-registry-rightward',
  ],
  [
    `${R}/registry/rightward-late.ts`,
    `export const late = () => import('../release/index.js');`,
    'room-registry-rightward',
  ],
  [`${R}/registry/rightward-inline.ts`, `export type V = import('../release/index.js').T;`, 'room-registry-rightward'],
  [`${R}/registry/past-door.ts`, `export { secret } from '../data/inside.js';`, 'room-door'],
  [`${R}/registry/past-door.test.ts`, `import '../data/inside.js';`, 'room-door'],
  [`${R}/registry/to-main.ts`, `import '../../main/compose.js';`, 'room-below-main'],
  [`${R}/release/index.ts`, `export const open = 1; export interface T { n: number }`, ''],
  [`${R}/release/ring-a.ts`, `import type { B } from './ring-b.js'; export interface A { b: B }`, 'no-cycle'],
  [`${R}/release/ring-b.ts`, `import type { A } from './ring-a.js'; export interface B { a: A }`, ''],
  [`${R}/release/gate-rules.ts`, `import type { E } from '../registry/leftward.js'; export type F = E;`, 'room-door'],
  [`${R}/release/node-rules.ts`, `import { join } from 'node:path'; export { join };`, 'rules-no-node'],
  [`${R}/release/driver-rules.ts`, `import '../../platform/lake/lake.js';`, 'rules-no-driver'],
  [`${R}/release/release-store.sql.ts`, `import { k } from 'kysely'; export { k };`, ''],
  [`${R}/release/release-service.ts`, `import type { k } from 'kysely'; export type K = typeof k;`, 'kysely-place'],
  [`${R}/release/release-routes.ts`, `import { f } from 'fastify'; export { f };`, ''],
  [`${R}/release/release-jobs.ts`, `import { f } from 'fastify'; export { f };`, 'fastify-place'],
  [`${R}/release/release-lake.ts`, `import { d } from '@duckdb/node-api'; export { d };`, 'driver-duckdb-place'],
  [`${R}/attic/index.ts`, `import '../data/index.js';`, 'room-unlisted'],
  [`${SERVER}/platform/lake/lake.ts`, `import { d } from '@duckdb/node-api'; export { d };`, ''],
  [`${R}/release/kysely-rules.ts`, `import { k } from 'kysely'; export { k };`, 'rules-no-io'],
  [`${SERVER}/platform/jobs/job-types.ts`, `export type J = 1;`, ''],
  [`${SERVER}/platform/jobs/job-rules.ts`, `import type { J } from './job-types.js'; export type L = J;`, ''],
  [`${SERVER}/platform/http/pg.ts`, `import { p } from 'pg'; export { p };`, 'driver-pg-place'],
  [`${SERVER}/platform/jobs/knows.ts`, `import '../../rooms/data/index.js';`, 'platform-below-rooms'],
  [`${SERVER}/main/compose.ts`, `import '../rooms/data/index.js'; import '../rooms/release/index.js';`, ''],
  [`${SERVER}/main/reaches.ts`, `import '../rooms/data/inside.js';`, 'room-door-outside'],
  [`${SERVER}/index.ts`, `export * from './rooms/data/index.js';`, 'only-main-knows-rooms'],
  [`${F}/mlflow/index.ts`, `import '../../rooms/data/index.js'; import '../../rooms/release/index.js';`, ''],
  [`${F}/mlflow/inside.ts`, `export const inside = 1;`, ''],
  [`${F}/mlflow/past-door.ts`, `import '../../rooms/data/inside.js';`, 'room-door-outside'],
  [`${F}/mlflow/to-main.ts`, `import '../../main/reaches.js';`, 'face-below-main'],
  [`${F}/mlflow/faces.sql.ts`, `import { k } from 'kysely'; export { k };`, 'face-no-database'],
  [`${F}/mask/index.ts`, `import '../mlflow/index.js';`, 'face-to-face'],
  [`${F}/mask/lonely.ts`, `import '../../rooms/data/index.js';`, 'face-unlisted'],
  [`${R}/data/looks-up.ts`, `import '../../faces/mlflow/inside.js';`, 'only-main-knows-faces'],
  [`${SERVER}/main/shows.ts`, `import '../faces/mlflow/index.js';`, ''],
  [`${SERVER}/main/peeks.ts`, `import '../faces/mlflow/inside.js';`, 'face-door'],
];

/** File, content, and a piece of the problem the census must report about it. @type {[string, string, string][]} */
const CENSUS_SEEDS = [
  [`${R}/release/long.ts`, 'export const x = 1;\n'.repeat(401), 'has 401 lines'],
  [`${R}/release/default.ts`, 'export default 1;', 'default.ts has a default export'],
  [`${R}/release/loose.ts`, 'export const y: any = 1;', 'any per 1,000 lines'],
  [`${R}/release/wait-rules.ts`, 'export async function decide() {}', 'wait-rules.ts:1 is not pure: async'],
  [`${R}/release/clock-rules.ts`, '\nexport const now = () => new Date();', 'clock-rules.ts:2 is not pure: new Date()'],
  [`${R}/release/dice-rules.ts`, 'export const roll = Math.random;', 'dice-rules.ts:1 is not pure: Math.random'],
  ['packages/num/src/clock.ts', 'export const t = Date.now();', 'clock.ts:1 is not pure: Date.now'],
  [`${R}/release/README.md`, '# Release', 'rooms/data has no README.md'],
  [`${F}/mask/README.md`, '# Mask', 'faces/mlflow has no README.md'],
];

/**
 * @returns {Promise<{seeds: number, problems: string[]}>} problems: what the check failed to see, or saw where nothing is wrong
 */
export async function selfTest() {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-house-'));
  try {
    plant(root, [...IMPORT_SEEDS, ...manifests()]);
    const imports = await testImports(root);
    plant(root, CENSUS_SEEDS);
    const { problems: reported } = takeCensus(root);
    const missed = CENSUS_SEEDS.filter(([, , piece]) => !reported.some((problem) => problem.includes(piece)));
    return {
      seeds: IMPORT_SEEDS.filter(([, , rule]) => rule).length + CENSUS_SEEDS.length,
      problems: [...imports, ...missed.map(([file, , piece]) => `census does not report "${piece}" for ${file}`)],
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** @param {string} root */
async function testImports(root) {
  const { modules, violations } = await judgeImports(root);
  const problems = IMPORT_SEEDS.filter(([file]) => !modules.includes(file)).map(([file]) => `${file} is not seen`);
  for (const [file, , rule] of IMPORT_SEEDS) {
    // Nothing is installed in the temporary folder, so packages from npm cannot resolve there: only ./nowhere.js counts.
    const here = violations.filter((v) => v.from === file && (v.rule !== 'no-unresolved' || v.to.startsWith('.')));
    const expected = rule === '' ? here.length === 0 : here.some((v) => v.rule === rule);
    const got = here.map((v) => v.rule).join(', ') || 'nothing';
    if (!expected) problems.push(`${file}: expected ${rule || 'nothing'}, got ${got}`);
  }
  return problems;
}

/** What the seeds stand on: manifests, and one built file. @returns {[string, string][]} */
function manifests() {
  /** @type {[string, string][]} */
  const files = [['packages/kernel/dist/built.js', 'export const c = 1;']];
  for (const [name, references] of Object.entries(REFERENCES)) {
    const paths = references.map((reference) => ({ path: `../${reference}` }));
    files.push([`packages/${name}/tsconfig.json`, JSON.stringify({ references: paths })]);
    files.push([
      `packages/${name}/package.json`,
      JSON.stringify({ exports: { '.': { 'fairlead-source': './src/index.ts' } } }),
    ]);
  }
  return files;
}

/** @param {string} root @param {(readonly string[])[]} files */
function plant(root, files) {
  for (const [path = '', text = ''] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
