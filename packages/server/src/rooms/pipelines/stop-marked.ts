import { readdirSync, readFileSync } from 'node:fs';

const MAX_PASSES = 5;

/**
 * Kills every process whose environment holds this assignment, this process excepted; children inherit it, also those that
 * have left the group of the command (daemons, `start_new_session`). Linux only: elsewhere environments cannot be read.
 * Repeated until none is found, since one may start another meanwhile.
 */
export function stopMarked(assignment: string): void {
  if (process.platform !== 'linux') return;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isMarked(Number(name), assignment));
    for (const pid of found) kill(Number(pid));
    if (found.length === 0) return;
  }
}

function isMarked(pid: number, assignment: string): boolean {
  if (pid === process.pid) return false;
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(assignment);
  } catch {
    return false; // another user's, or gone
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
