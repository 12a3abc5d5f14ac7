// @ts-check
// The one place that says how the house is ordered. The import law, its self-test and the census are generated from here.

import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Rooms of the server in life-cycle order. A room imports only rooms to its left, and only their door (`index.ts`). */
export const ROOMS = Object.freeze([
  'data',
  'features',
  'tracking',
  'pipelines',
  'training',
  'evaluation',
  'registry',
  'serving',
  'monitoring',
  'release',
  'governance',
  'automation',
]);

/**
 * Faces of the server: protocols of others over our rooms. A face enters any room by its door and decides nothing; only main
 * knows it, and no face knows another.
 */
export const FACES = Object.freeze(['mlflow']);

/** Packages from the ground up. A package references only packages to its left; which ones, its tsconfig.json says. */
const PACKAGES = Object.freeze(['kernel', 'num', 'frame', 'contracts', 'server', 'sdk', 'cli', 'web']);

/** Native and vendor drivers, each with the one folder of `platform/` that may import it. */
// The heartbeat thread and the home lock have connections of their own: they must beat, and hold, while the database's
// connections are busy or closed.
export const DRIVERS = Object.freeze({
  pg: '(db|jobs)',
  libsql: '(db|home)',
  '@duckdb/': 'lake',
  'onnxruntime-node': 'inference',
  '@aws-sdk/': 'objects',
  '@nats-io/': 'brokers',
  kafkajs: 'brokers',
  snappyjs: 'brokers',
  lz4js: 'brokers',
  fzstd: 'brokers',
});

export const SERVER = 'packages/server/src';

/** Tests, and the suites and fixtures that only tests import. */
export const TEST_FILE = String.raw`(\.(test|integration|contract|conformance|fixture)\.tsx?$|/describe-[^/]+\.ts$|/testing/|[/-]testing\.ts$)`;

/**
 * The packages present under `root`, each with the packages it may import: those its tsconfig.json references.
 * @param {string} root
 * @returns {{name: string, references: string[], doors: string[]}[]}
 * @throws when a package is missing from PACKAGES, or references one that does not stand to its left
 */
export function readPackages(root) {
  const present = PACKAGES.filter((name) => existsSync(join(root, 'packages', name, 'tsconfig.json')));
  return present.map((name) => {
    const tsconfig = JSON.parse(readFileSync(join(root, 'packages', name, 'tsconfig.json'), 'utf8'));
    const references = (tsconfig.references ?? []).map((/** @type {{path: string}} */ r) => posix.basename(r.path));
    for (const reference of references) {
      if (PACKAGES.indexOf(reference) === -1 || PACKAGES.indexOf(reference) >= PACKAGES.indexOf(name)) {
        // sdk stands right of server only because cli needs both: neither may reference the other.
        throw new Error(
          `packages/${name} references packages/${reference}, which does not stand to its left in rooms.mjs`,
        );
      }
    }
    if (name === 'sdk' && references.includes('server')) {
      throw new Error('packages/sdk references packages/server: a client must not carry the server');
    }
    return { name, references, doors: readDoors(root, name) };
  });
}

/**
 * The source files a package offers to others: the `fairlead-source` targets of its exports.
 * @param {string} root @param {string} name @returns {string[]}
 */
function readDoors(root, name) {
  const file = join(root, 'packages', name, 'package.json');
  if (!existsSync(file)) return [`packages/${name}/src/index.ts`];
  const { exports } = JSON.parse(readFileSync(file, 'utf8'));
  return Object.values(exports ?? {})
    .map((target) => target['fairlead-source'])
    .filter((target) => typeof target === 'string')
    .map((target) => posix.join('packages', name, target));
}
