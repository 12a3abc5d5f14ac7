import type { ChildProcess } from 'node:child_process';

/** Sends a signal to a process that leads a group and to all in the group; a group that is gone is fine. */
export function stopGroup(leader: ChildProcess, signal: NodeJS.Signals): void {
  if (leader.pid === undefined) return;
  try {
    // Windows knows no groups.
    if (process.platform === 'win32') leader.kill(signal);
    else process.kill(-leader.pid, signal);
  } catch {
    // Already gone.
  }
}
