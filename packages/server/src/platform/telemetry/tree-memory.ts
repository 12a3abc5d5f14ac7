import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** Memory of a process with everything that it has started. */
export interface TreeMemory {
  /** Bytes in memory now of all processes that the last look found; one process' shared pages count in each. */
  residentBytes(): number;
  /** How many processes those are. */
  processes(): number;
  /** Looks again who belongs to it. */
  look(): Promise<void>;
  stop(): void;
}

const LOOK_EVERY_MS = 500;
const KIB = 1024;

/**
 * Watches a process, by default this one, with all below it: children, their children, and whoever stays in a session that one of them
 * leads although its parent is gone. Reads /proc; where there is none (macOS, Windows) it is this process alone.
 */
export async function openTreeMemory(root: number = process.pid): Promise<TreeMemory> {
  let pids: readonly number[] = [root];
  const look = async () => {
    pids = treeOf(root, await readProcesses());
  };
  await look();
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  timer.unref();
  return {
    residentBytes: () => pids.reduce((sum, pid) => sum + residentBytesOf(pid), 0),
    processes: () => pids.length,
    look,
    stop: () => clearInterval(timer),
  };
}

/** Bytes of a process in memory now; 0 when it is gone, and of others than this one where there is no /proc. */
export function residentBytesOf(pid: number): number {
  try {
    const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kib ?? 0) * KIB;
  } catch {
    return pid === process.pid ? process.memoryUsage.rss() : 0;
  }
}

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

/** `root` and everything below it. */
export function treeOf(root: number, processes: readonly ProcessFacts[]): number[] {
  const found = new Set([root]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent, session } of processes) {
      // The session of the root may be that of a shell with other programs in it.
      if (found.has(parent) || (session !== root && found.has(session))) found.add(pid);
    }
  }
  return [...found];
}

async function readProcesses(): Promise<ProcessFacts[]> {
  const names = await readdir('/proc').catch(() => []);
  const read = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')),
  );
  return read.flatMap((text) => {
    // `pid (name) state parent group session …`; a name may hold blanks and brackets.
    const [, parent, , session] = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return parent === undefined || session === undefined ? [] : [{ pid: Number.parseInt(text, 10), parent, session }];
  });
}
