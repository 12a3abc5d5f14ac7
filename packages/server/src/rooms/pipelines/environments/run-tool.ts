import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ChangeContext } from '../../../platform/db/index.js';
import type { Room } from '../pipelines-deps.js';
import { runProcess } from '../run-process.js';
import { toolMessage } from './environment-rules.js';

/** The folder in which an environment is built, and on whose behalf. */
export interface BuildSite {
  readonly context: ChangeContext;
  readonly trackingRunId: string;
  /** Of this build alone; removed with everything in it. */
  readonly folder: string;
  /** Without addresses: only what lies on this machine may be installed. */
  readonly offline: boolean;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

export interface ToolCall {
  /** Of its log among the files of the run. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A tool said that it cannot do what it was asked for. */
export class ToolFailed extends Error {}

const STOP_GRACE_MS = 5_000;
const MAX_OUTPUT_BYTES = 2 ** 20;

// What installers need to find their packages. These settings reach the installers only, never the step itself.
const SETTINGS = [
  ...['PATH', 'HOME', 'LANG', 'SYSTEMROOT', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...['PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL', 'PIP_FIND_LINKS', 'PIP_CERT', 'PIP_CONFIG_FILE', 'PIP_CACHE_DIR'],
  ...['NPM_CONFIG_REGISTRY', 'NPM_CONFIG_CACHE', 'NPM_CONFIG_USERCONFIG', 'NODE_EXTRA_CA_CERTS'],
  ...['UV_DEFAULT_INDEX', 'UV_INDEX', 'UV_FIND_LINKS', 'UV_CACHE_DIR', 'UV_CONFIG_FILE'],
];

/** Runs an installer without a shell and keeps what it prints as a file of the run. Throws {@link ToolFailed}. */
export async function runTool(room: Room, site: BuildSite, { name, argv, cwd, env = {} }: ToolCall): Promise<string> {
  const logPath = join(site.folder, `${name}.txt`);
  const result = await runProcess({
    argv,
    cwd,
    env: { ...toolEnvironment(site), ...env },
    logPath,
    signal: site.signal,
    stopGraceMs: STOP_GRACE_MS,
  });
  const text = await beginningOf(logPath);
  const { digest } = await room.objects.putFile(logPath);
  await room.tracking.linkArtifact(site.context, site.trackingRunId, { path: `logs/environment/${name}.txt`, digest });
  site.signal.throwIfAborted();
  const tool = basename(argv[0] ?? '');
  if ('notStarted' in result) throw new ToolFailed(`${tool} cannot be started: ${result.notStarted}`);
  if ('supervisorLost' in result || result.exitCode === null) throw new ToolFailed(`${tool} was ended by a signal`);
  if (result.exitCode !== 0) throw new ToolFailed(`${name} said: ${toolMessage(result.tail)}`);
  return text;
}

// Requirements may be addresses, which no option of pip keeps it from fetching. Port 9 discards, where anything listens at all.
const NOWHERE = 'http://127.0.0.1:9';
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
const OFFLINE: Readonly<Record<string, string>> = {
  ...Object.fromEntries(PROXIES.flatMap((name) => [name, name.toLowerCase()]).map((name) => [name, NOWHERE])),
  NO_PROXY: '',
  no_proxy: '',
  GIT_ALLOW_PROTOCOL: 'file',
};

function toolEnvironment({ trackingRunId, folder, offline }: BuildSite): Record<string, string> {
  const names = SETTINGS.flatMap((name) => [name, name.toLowerCase()]);
  const settings = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // By this the supervisor knows whatever the tool leaves running.
  const own = { FAIRLEAD_RUN_ID: trackingRunId, TMPDIR: join(folder, 'scratch') };
  return { ...Object.fromEntries(settings), ...(offline ? OFFLINE : {}), ...own };
}

async function beginningOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MAX_OUTPUT_BYTES) });
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}
