// @ts-check
// A process and what it started: servers that keep workers leave them behind when only the first process ends.

import { readdirSync, readFileSync } from 'node:fs';

/** @param {number} root @returns {number[]} the process itself first */
export function pidsBelow(root) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const entry of readdirSync('/proc')) {
    const parent = /^\d+$/.test(entry) ? /^PPid:\s+(\d+)$/m.exec(readStatus(Number(entry)))?.[1] : undefined;
    if (parent) children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(entry)]);
  }
  const found = [root];
  for (let i = 0; i < found.length; i += 1) found.push(...(children.get(/** @type {number} */ (found[i])) ?? []));
  return found;
}

/** Empty for a process that has ended meanwhile. @param {number} pid */
function readStatus(pid) {
  return read(pid, 'status');
}

const TICKS_PER_S = 100;

/** Processor time of a process and everything below it that still runs, user and system. @param {number} root */
export function treeCpuMs(root) {
  const ticks = pidsBelow(root).map((pid) => {
    // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
    const fields = read(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  return (ticks.reduce((sum, each) => sum + each, 0) * 1000) / TICKS_PER_S;
}

/** Resident memory of a process and everything below it. @param {number} root */
export function treeRssMiB(root) {
  const kibibytes = pidsBelow(root).map((pid) => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readStatus(pid))?.[1] ?? 0));
  return kibibytes.reduce((sum, each) => sum + each, 0) / 1024;
}

/** @param {number} pid @param {'status' | 'stat'} file */
function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Ends processes at once. @param {readonly number[]} pids */
export function killAll(pids) {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended with its parent.
    }
  }
}
