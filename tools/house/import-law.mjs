// @ts-check
// The import law as dependency-cruiser rules, generated from rooms.mjs, and the function that runs them.

import { cruise } from 'dependency-cruiser';
import { DRIVERS, FACES, ROOMS, readPackages, SERVER, TEST_FILE } from './rooms.mjs';

const ROOM = `^${SERVER}/rooms`;
const FACE = `^${SERVER}/faces`;
const PLATFORM = `^${SERVER}/platform/`;
const SQL_FILES = [String.raw`\.sql\.ts$`, '-views\\.ts$', '-migrations\\.ts$', `${PLATFORM}db/`];
const ROUTE_FILES = ['-routes\\.ts$', `${PLATFORM}http/`];
const BUILT = '^packages/[^/]+/dist/';
const RULES_FILE = '-rules\\.ts$';
const NODE_BUILT_IN = '^(node:|(fs|path|os|crypto|http|https|child_process|worker_threads|perf_hooks|timers)(/|$))';

/** @typedef {{rule: string, from: string, to: string}} Violation */

/** A package by name, found in node_modules or (in the self-test's bare folder) not resolved at all. @param {string} name */
const npm = (name) => `(^|node_modules/)(@types/)?${name.replaceAll('.', '\\.')}${name.endsWith('/') ? '' : '(/|$)'}`;

/** @param {string} name @param {string} comment @param {object} from @param {object} to */
const forbid = (name, comment, from, to) => ({ name, comment, severity: /** @type {const} */ ('error'), from, to });

/** @param {string} root */
export function importLaw(root) {
  return [...graphRules(), ...packageRules(root), ...roomRules(), ...faceRules(), ...purityRules(), ...vendorRules()];
}

function graphRules() {
  return [
    forbid('no-cycle', 'A cycle has no first thing to understand.', { pathNot: 'node_modules' }, { circular: true }),
    forbid('no-unresolved', 'An import nobody can resolve escapes every other rule.', {}, { couldNotResolve: true }),
    forbid('no-built-output', 'An import of dist hides from the law what stands behind it.', {}, { path: BUILT }),
    forbid(
      'no-test-in-source',
      'Tests use the source, never the reverse.',
      { pathNot: TEST_FILE },
      { path: [TEST_FILE, npm('vitest')] },
    ),
  ];
}

/** @param {string} root */
function packageRules(root) {
  const packages = readPackages(root);
  const doors = packages.flatMap((p) => p.doors.map((door) => `^${door.replaceAll('.', '\\.')}$`));
  return [
    ...packages.map(({ name, references }) =>
      forbid(
        `package-${name}`,
        `${name} imports only ${references.join(', ') || 'itself'}.`,
        { path: `^packages/${name}/` },
        { path: '^packages/', pathNot: [name, ...references].map((allowed) => `^packages/${allowed}/`) },
      ),
    ),
    forbid(
      'package-door',
      'Another package is entered by its exports only.',
      { path: '^packages/([^/]+)/' },
      { path: '^packages/', pathNot: ['^packages/$1/', ...doors] },
    ),
  ];
}

function roomRules() {
  const rightward = ROOMS.slice(0, -1).map((room, i) =>
    forbid(
      `room-${room}-rightward`,
      `${room} knows nothing of the rooms to its right; what must travel back travels as an event.`,
      { path: `${ROOM}/${room}/`, pathNot: TEST_FILE },
      { path: `${ROOM}/(${ROOMS.slice(i + 1).join('|')})/` },
    ),
  );
  const listed = `${ROOM}/(${ROOMS.join('|')})/`;
  return [
    ...rightward,
    forbid(
      'room-unlisted',
      'Every room has its place in tools/house/rooms.mjs.',
      { path: `${ROOM}/`, pathNot: listed },
      {},
    ),
    forbid(
      'room-door',
      'Another room is entered by its index.ts only.',
      { path: `${ROOM}/([^/]+)/` },
      { path: `${ROOM}/`, pathNot: [`${ROOM}/$1/`, `${ROOM}/[^/]+/index\\.ts$`] },
    ),
    forbid(
      'room-door-outside',
      'Main, too, enters a room by its index.ts only.',
      { pathNot: `${ROOM}/` },
      { path: `${ROOM}/`, pathNot: `${ROOM}/[^/]+/index\\.ts$` },
    ),
    forbid(
      'only-main-knows-rooms',
      'Wiring belongs in main.',
      { pathNot: [`${ROOM}/`, `${FACE}/`, `^${SERVER}/main/`] },
      { path: `${ROOM}/` },
    ),
    forbid(
      'platform-below-rooms',
      'Drivers know no room and no wiring.',
      { path: PLATFORM },
      { path: [`${ROOM}/`, `^${SERVER}/main/`] },
    ),
    forbid(
      'room-below-main',
      'A room is given what it needs by main; it never fetches it.',
      { path: `${ROOM}/` },
      { path: `^${SERVER}/main/` },
    ),
  ];
}

function faceRules() {
  const listed = `${FACE}/(${FACES.join('|')})/`;
  return [
    forbid('face-unlisted', 'Every face stands in tools/house/rooms.mjs.', { path: `${FACE}/`, pathNot: listed }, {}),
    forbid(
      'only-main-knows-faces',
      'A face looks at the rooms; nothing but main looks at a face, no other face either.',
      { path: `^${SERVER}/`, pathNot: [`${FACE}/`, `^${SERVER}/main/`] },
      { path: `${FACE}/` },
    ),
    forbid(
      'face-to-face',
      'Faces do not know each other.',
      { path: `${FACE}/([^/]+)/` },
      { path: `${FACE}/`, pathNot: `${FACE}/$1/` },
    ),
    forbid(
      'face-door',
      'Main enters a face by its index.ts only.',
      { path: `^${SERVER}/main/` },
      { path: `${FACE}/`, pathNot: `${FACE}/[^/]+/index\\.ts$` },
    ),
    forbid(
      'face-below-main',
      'A face is given what it needs by main; it never fetches it.',
      { path: `${FACE}/` },
      { path: `^${SERVER}/main/` },
    ),
    forbid(
      'face-no-database',
      'A face asks services; what it would query belongs in a room.',
      { path: `${FACE}/`, pathNot: TEST_FILE },
      { path: npm('kysely') },
    ),
  ];
}

function purityRules() {
  const num = { path: '^packages/num/src/', pathNot: TEST_FILE };
  const rules = { path: RULES_FILE, pathNot: TEST_FILE };
  return [
    forbid('num-no-node', 'num runs in a browser too: no node:*.', num, { path: NODE_BUILT_IN }),
    forbid('num-no-npm', 'num has no dependency but kernel.', num, { pathNot: ['^packages/', NODE_BUILT_IN] }),
    forbid('rules-no-node', 'A rule decides from its arguments.', rules, { path: NODE_BUILT_IN }),
    forbid('rules-no-io', 'A rule reaches no database and no server.', rules, {
      path: [npm('kysely'), npm('fastify'), npm('@fastify/')],
    }),
    forbid(
      'rules-no-driver',
      'A rule reaches no driver; one that belongs to a driver may name its own types.',
      { path: `^${SERVER}/(?:rooms|faces|platform)/([^/]+)/.*${RULES_FILE}`, pathNot: TEST_FILE },
      { path: PLATFORM, pathNot: `${PLATFORM}$1/` },
    ),
  ];
}

function vendorRules() {
  const tests = [TEST_FILE];
  return [
    forbid(
      'kysely-place',
      'Queries stand in stores, views, migrations.',
      { pathNot: [...SQL_FILES, ...tests, 'node_modules'] },
      { path: npm('kysely') },
    ),
    forbid(
      'fastify-place',
      'HTTP stands in routes.',
      { pathNot: [...ROUTE_FILES, ...tests, 'node_modules'] },
      {
        path: [npm('fastify'), npm('@fastify/')],
      },
    ),
    ...Object.entries(DRIVERS).map(([driver, folder]) =>
      forbid(
        `driver-${driver.replaceAll(/[@/]/g, '')}-place`,
        `${driver} is imported in platform/${folder} only.`,
        { pathNot: [`${PLATFORM}${folder}/`, ...tests, 'node_modules'] },
        { path: npm(driver) },
      ),
    ),
  ];
}

/**
 * Reads every import under `root/packages` and judges it by the law. Type-only imports count.
 * @param {string} root
 * @returns {Promise<{modules: string[], dependencies: number, violations: Violation[]}>}
 */
export async function judgeImports(root) {
  const folders = readPackages(root).map(({ name }) => `packages/${name}/src`);
  const { output } = await cruise(folders, {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: importLaw(root) },
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', BUILT] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['fairlead-source', 'import', 'types', 'node', 'default'],
    },
  });
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with text where a result was asked for');
  const ours = output.modules.filter((module) => /^packages\/[^/]+\/src\//.test(module.source));
  return {
    modules: ours.map((module) => module.source),
    dependencies: ours.reduce((sum, module) => sum + module.dependencies.length, 0),
    violations: output.summary.violations.map((v) => ({ rule: v.rule.name, from: v.from, to: v.to })),
  };
}
