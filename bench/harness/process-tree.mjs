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
export function readStatus(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
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
