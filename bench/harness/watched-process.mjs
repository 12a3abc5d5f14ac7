// @ts-check
// Starts a server as a user would and reads what it costs: time until it answers, resident memory.

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { killAll, pidsBelow } from './process-tree.mjs';

/**
 * @typedef {object} WatchedProcess
 * @property {number} pid
 * @property {number} readyMs from spawn until the address first answered 2xx
 * @property {() => Promise<number>} rssBytes resident memory now
 * @property {() => Promise<{code: number | null, signal: NodeJS.Signals | null, stopMs: number}>} stop asks with SIGTERM, waits; SIGKILL after 10 s
 * @property {() => string} output what it has printed so far, both streams
 */

/** A free port of the loopback interface. @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/**
 * Starts a command and waits until `url` answers 2xx.
 * @param {readonly [string, ...string[]]} command
 * @param {{url: string, timeoutMs?: number, pollMs?: number, env?: NodeJS.ProcessEnv, cwd?: string}} options
 * @returns {Promise<WatchedProcess>}
 * @throws when it ends, or does not answer within `timeoutMs`; what it printed is in the message
 */
export async function startWatched([file, ...args], { url, timeoutMs = 30_000, pollMs = 5, env = process.env, cwd }) {
  const startedMs = performance.now();
  const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  /** @type {Promise<{code: number | null, signal: NodeJS.Signals | null}>} */
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve({ code: null, signal: null });
    });
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!(await answers(url))) {
    const late = performance.now() - startedMs > timeoutMs;
    if (late && child.pid !== undefined) killAll(pidsBelow(child.pid));
    if (late || over)
      throw new Error(`${file} ${late ? `did not answer ${url} in ${timeoutMs} ms` : 'ended'}: ${output.slice(-2000)}`);
    await wait(pollMs);
  }
  const readyMs = performance.now() - startedMs;
  const pid = /** @type {number} */ (child.pid);
  return { pid, readyMs, rssBytes: () => readRssBytes(pid), stop: () => stop(child, ended), output: () => output };
}

/** @param {string} url */
async function answers(url) {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Refused until the server listens: that is what is being waited for.
    return false;
  }
}

/**
 * Resident memory of a process on Linux. @param {number} pid @returns {Promise<number>} bytes
 * @throws on other systems, which have no /proc
 */
async function readRssBytes(pid) {
  return parseRssBytes(await readFile(`/proc/${pid}/status`, 'utf8'));
}

/** VmRSS of the text of /proc/<pid>/status, in bytes. @param {string} status */
export function parseRssBytes(status) {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error('no VmRSS: the process has ended');
  return Number(kibibytes) * 1024;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {Promise<{code: number | null, signal: NodeJS.Signals | null}>} ended
 */
async function stop(child, ended) {
  const startedMs = performance.now();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  const { code, signal } = await ended;
  clearTimeout(timer);
  return { code, signal, stopMs: performance.now() - startedMs };
}
