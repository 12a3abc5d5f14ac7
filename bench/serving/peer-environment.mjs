// @ts-check
// A virtual environment per peer, made once per list of bench/peers/serving-NAME.txt and kept out of the way.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../harness/run-process.mjs';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/fairlead-peers/', import.meta.url));
const LISTS = fileURLToPath(new URL('../peers/', import.meta.url));
const PIP = ['--quiet', '--no-deps', '--no-compile', '--only-binary=:all:', '--disable-pip-version-check'];

/**
 * The folder with the programs of a peer. `FAIRLEAD_BENCH_VENV_FASTAPI` (…_MLSERVER, …_BENTOML) names an environment that
 * has them already.
 * @param {'fastapi' | 'mlserver' | 'bentoml'} name @returns {Promise<string>}
 * @throws with what is missing: Python 3.11 with venv, or an index that has the packages
 */
export async function peerPrograms(name) {
  const given = process.env[`FAIRLEAD_BENCH_VENV_${name.toUpperCase()}`];
  if (given) return join(given, 'bin');
  const list = join(LISTS, `serving-${name}.txt`);
  const digest = createHash('sha256').update(readFileSync(list)).digest('hex').slice(0, 16);
  const folder = join(CACHE, `${name}-${digest}`);
  const whole = join(folder, 'complete');
  if (existsSync(whole)) return join(folder, 'bin');
  process.stderr.write(`installing ${name} into ${folder} …\n`);
  mkdirSync(CACHE, { recursive: true });
  rmSync(folder, { recursive: true, force: true });
  const leaveOut = `or leave the peer out with FAIRLEAD_BENCH_PEERS`;
  await explain(`${name}: python3 -m venv needs Python 3.11 or newer with venv, ${leaveOut}`, () =>
    runProcess(['python3', '-m', 'venv', folder]),
  );
  await explain(`${name}: pip install needs an index that has the packages (PIP_INDEX_URL), ${leaveOut}`, () =>
    runProcess([join(folder, 'bin/python'), '-m', 'pip', 'install', ...PIP, '-r', list]),
  );
  mkdirSync(`${whole}.new`);
  renameSync(`${whole}.new`, whole);
  return join(folder, 'bin');
}

/** @param {string} what @param {() => Promise<unknown>} work */
async function explain(what, work) {
  try {
    await work();
  } catch (cause) {
    throw new Error(`${what}. ${String(cause)}`, { cause });
  }
}
