// @ts-check
// Virtual environments with the Python clients of the tests, made once per list of requirements and kept out of the way.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runProcess } from './run-process.mjs';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/fairlead-clients/', import.meta.url));
/** Compiled is what is imported, when it is: the whole list would take half the time of the installation. */
const PIP = ['--quiet', '--no-deps', '--no-compile', '--only-binary=:all:', '--disable-pip-version-check'];
const LISTS = fileURLToPath(new URL('../../tests/clients/', import.meta.url));

/**
 * The environment of `tests/clients/<name>.txt`, made when there is none of exactly this list. The lists name every package
 * with its version, so nothing is resolved and two machines get the same client.
 * @param {'mlflow-3' | 'mlflow-2' | 'triton' | 'kafka'} name
 * @returns {Promise<{bin: string, python: string}>}
 * @throws with what is missing: Python 3.11 or newer, its venv module, or an index that has the packages
 */
export async function mlflowEnvironment(name) {
  const list = join(LISTS, `${name}.txt`);
  const digest = createHash('sha256').update(readFileSync(list)).digest('hex').slice(0, 16);
  const folder = join(CACHE, `${name}-${digest}`);
  const place = { bin: join(folder, 'bin'), python: join(folder, 'bin/python') };
  const whole = join(folder, 'complete');
  if (existsSync(whole)) return place;
  mkdirSync(CACHE, { recursive: true });
  await alone(`${folder}.lock`, async () => {
    if (!existsSync(whole)) await install(name, { folder, list, python: place.python, whole });
  });
  return place;
}

/**
 * @param {string} name
 * @param {{folder: string, list: string, python: string, whole: string}} places
 */
async function install(name, { folder, list, python, whole }) {
  process.stderr.write(`installing ${name} into ${folder} …\n`);
  rmSync(folder, { recursive: true, force: true });
  await explain('python3 -m venv', 'needs Python 3.11 or newer with venv (Debian: apt-get install python3-venv)', () =>
    runProcess(['python3', '-m', 'venv', folder]),
  );
  await explain('pip install', 'needs an index of Python packages: see `pip config` and PIP_INDEX_URL', () =>
    runProcess([python, '-m', 'pip', 'install', ...PIP, '-r', list]),
  );
  mkdirSync(`${whole}.new`);
  renameSync(`${whole}.new`, whole);
}

/**
 * Does the work while no other process holds the lock file, which names its holder: one that has died holds nothing.
 * @param {string} lock @param {() => Promise<void>} work
 */
async function alone(lock, work) {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch {
      if (holderHasDied(lock)) rmSync(lock, { force: true });
      else await setTimeout(250);
    }
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @param {string} lock */
function holderHasDied(lock) {
  try {
    const holder = Number(readFileSync(lock, 'utf8'));
    // Empty between its making and its writing: that holder lives.
    if (holder > 0) process.kill(holder, 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
}

/** @param {string} what @param {string} remedy @param {() => Promise<unknown>} work */
async function explain(what, remedy, work) {
  try {
    await work();
  } catch (cause) {
    throw new Error(`the Python client cannot be installed: ${what} ${remedy}. ${String(cause)}`, { cause });
  }
}
