import { readFileSync } from 'node:fs';

const EVERY_MS = 50;
const KIB = 1024;

/**
 * Calls `onOver` once when a process holds more than `limitBytes` of memory. Reads /proc, so that it also works while the
 * process is busy in native code; where there is none (macOS, Windows) nothing is watched and only time limits the process.
 */
export function watchMemory(pid: number, limitBytes: number, onOver: () => void): { stop(): void } {
  const timer = setInterval(() => {
    if (residentBytes(pid) <= limitBytes) return;
    clearInterval(timer);
    onOver();
  }, EVERY_MS);
  return { stop: () => clearInterval(timer) };
}

function residentBytes(pid: number): number {
  try {
    const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kib ?? 0) * KIB;
  } catch {
    return 0;
  }
}
