// @ts-check
// A virtual environment with the peers of bench/peers/requirements.txt, made once and again when the list changes.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runProcess } from './run-process.mjs';

const pathOf = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const REQUIREMENTS = pathOf('../peers/requirements.txt');
const VENV = pathOf('../.venv');

/** The interpreter of the environment; `FAIRLEAD_BENCH_PYTHON` names another one that has the peers. @returns {Promise<string>} */
export async function peerPython() {
  const given = process.env.FAIRLEAD_BENCH_PYTHON;
  if (given) return given;
  const python = `${VENV}/bin/python`;
  const stamp = `${VENV}/requirements.sha256`;
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  process.stderr.write('installing the Python peers into bench/.venv …\n');
  rmSync(VENV, { recursive: true, force: true });
  await runProcess(['python3', '-m', 'venv', VENV]);
  await runProcess([python, '-m', 'pip', 'install', '--quiet', '-r', REQUIREMENTS]);
  writeFileSync(stamp, wanted);
  return python;
}

/** Runs a script of bench/peers and returns what its last line says. @param {string} script @param {readonly string[]} args */
export async function runPeer(script, args) {
  const { stdout } = await runProcess([await peerPython(), pathOf(`../peers/${script}`), ...args]);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}
