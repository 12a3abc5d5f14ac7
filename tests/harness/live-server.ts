import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startWatched } from '../../bench/harness/watched-process.mjs';

const program = fileURLToPath(new URL('../../packages/cli/dist/bin.js', import.meta.url));

/** The built program `fairlead up` in a process of its own. */
export interface LiveServer {
  readonly url: string;
  readonly pid: number;
  readonly readyMs: number;
  rssBytes(): Promise<number>;
  /** Ends it without a warning, as a power cut of the process would. */
  kill(): Promise<void>;
  /** Asks it to stop. */
  stop(): Promise<{ code: number | null }>;
  /** What it has printed so far. */
  output(): string;
}

export interface LiveServerOptions {
  /** Working directory; its files may be used as sources. The home is the folder `home` in it. */
  readonly folder: string;
  /** Absent: a free one. */
  readonly port?: number;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the server on a free port and waits until it is ready. Throws with what it printed when it is not. */
export async function startLiveServer(options: LiveServerOptions): Promise<LiveServer> {
  const { folder, flags = [], env = {} } = options;
  const url = `http://127.0.0.1:${options.port ?? (await freePort())}`;
  const home = join(folder, 'home');
  const where = ['--home', home, '--port', new URL(url).port, '--log-level', 'warn'];
  const child = await startWatched([process.execPath, program, 'up', ...where, ...flags], {
    url: `${url}/readyz`,
    cwd: folder,
    // Only what hangs shall meet it, on slow machines too.
    timeoutMs: 120_000,
    env: { ...plainEnvironment(), ...env },
  });
  return {
    url,
    pid: child.pid,
    readyMs: child.readyMs,
    rssBytes: child.rssBytes,
    kill: async () => {
      process.kill(child.pid, 'SIGKILL');
      await child.stop();
    },
    stop: child.stop,
    output: child.output,
  };
}

/** This process's environment without Fairlead's own variables: the server refuses those it does not know. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FAIRLEAD_')));
}

/** An empty folder that `dispose` removes. */
export function temporaryFolder(name: string): { folder: string; dispose: () => void } {
  const folder = mkdtempSync(join(tmpdir(), `fairlead-${name}-`));
  mkdirSync(join(folder, 'home'));
  return { folder, dispose: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
