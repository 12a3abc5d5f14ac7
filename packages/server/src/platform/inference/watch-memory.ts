import { residentBytesOf } from '../telemetry/index.js';

const EVERY_MS = 50;

/**
 * Calls `onOver` once when a process holds more than `limitBytes` of memory. Reads /proc, so that it also works while the
 * process is busy in native code; where there is none (macOS, Windows) nothing is watched and only time limits the process.
 */
export function watchMemory(pid: number, limitBytes: number, onOver: () => void): { stop(): void } {
  const timer = setInterval(() => {
    if (residentBytesOf(pid) <= limitBytes) return;
    clearInterval(timer);
    onOver();
  }, EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
