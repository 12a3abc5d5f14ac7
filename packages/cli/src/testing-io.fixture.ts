import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Io } from './io.js';
import { runCli } from './run-cli.js';

export const NOW_MS = Date.UTC(2026, 2, 1, 12);

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly tty?: boolean;
  /** {@link NOW_MS} unless told. */
  readonly nowMs?: number;
}

/** Runs one command line against written-down output streams. */
export async function run(
  args: readonly string[],
  { env = {}, cwd = '/', tty = false, nowMs = NOW_MS }: RunOptions = {},
): Promise<Outcome> {
  const texts = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    isTty: tty,
    columns: 100,
    write: (text: string) => {
      texts[name] += text;
    },
  });
  const io: Io = {
    env,
    cwd,
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    nowMs: () => nowMs,
  };
  const exitCode = await runCli(args, io);
  return { exitCode, ...texts };
}

export interface Route {
  readonly status?: number;
  readonly body: unknown;
}

/** A real server that answers `METHOD /path` (query left out) from a table, and everything else with a coded 404. */
export async function serve(routes: Readonly<Record<string, Route | ((body: string) => Route)>>) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    asked.push(`${request.method} ${request.url} ${body}`.trim());
    const found = routes[`${request.method} ${request.url?.split('?')[0]}`];
    const { status = 200, body: answer } = (typeof found === 'function' ? found(body) : found) ?? {
      status: 404,
      body: {
        error: { code: 'HTTP_ROUTE_NOT_FOUND', message: 'No.', remedy: 'Look.', data: {}, id: 'e', requestId: 'q' },
      },
    };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { url: `http://127.0.0.1:${port}`, asked, close };
}
