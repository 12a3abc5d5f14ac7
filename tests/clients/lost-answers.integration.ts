// The unchanged Python client sends everything again whose answer did not arrive. Needs the virtual environment of mlflow-3.txt.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mlflowEnvironment } from '../../bench/harness/mlflow-environment.mjs';
import { runProcess } from '../../bench/harness/run-process.mjs';
import { freePort } from '../../bench/harness/watched-process.mjs';
import { type CuttingProxyOptions, startCuttingProxy } from '../harness/cutting-proxy.js';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';

const TIMEOUT_MS = 15 * 60_000;
const script = fileURLToPath(new URL('./python/lost_answers.py', import.meta.url));
const makes = (method: string, path: string) =>
  method === 'POST' &&
  /\/(experiments|runs|registered-models|model-versions)\/create$|\/(logged-models|webhooks)$/.test(path);

/** The second version is made on purpose, its answer arrives: two, and the client was told of both. */
const ONE_OF_EACH = {
  ...{ experiments: 1, runs: 1, models: 1, logged: true, webhooks: 1 },
  ...{ versions: [2, 1], told: [1, 2] },
};

describe('an unchanged client whose first answers are lost', () => {
  const { folder, dispose } = temporaryFolder('lost-answers');
  let port: number;
  let server: LiveServer;
  let python: string;
  beforeAll(async () => {
    python = (await mlflowEnvironment('mlflow-3')).python;
    port = await freePort();
    server = await startLiveServer({ folder, port });
  }, TIMEOUT_MS);
  afterAll(async () => {
    await server?.stop();
    dispose();
  });

  const makeThrough = async (word: string, give: CuttingProxyOptions['give']) => {
    const proxy = await startCuttingProxy({ target: server.url, cuts: makes, give });
    try {
      const { stdout } = await runProcess([python, script, proxy.url, server.url, word]);
      return { counts: JSON.parse(stdout), cut: proxy.cut.length };
    } finally {
      await proxy.close();
    }
  };

  it('has one of each when connections break', { timeout: TIMEOUT_MS }, async () => {
    // The server stands still until request and end have both reached its machine: no answer can be quicker than the cut.
    const hangUp: CuttingProxyOptions['give'] = async (socket, request) => {
      process.kill(server.pid, 'SIGSTOP');
      await new Promise<void>((sent) => socket.end(request, sent));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      process.kill(server.pid, 'SIGCONT');
      await closed;
    };
    expect(await makeThrough('broken', hangUp)).toEqual({ counts: ONE_OF_EACH, cut: 6 });
  });

  it('has one of each when the server is killed while it answers', { timeout: TIMEOUT_MS }, async () => {
    let kills = 0;
    const kill: CuttingProxyOptions['give'] = async (socket, request) => {
      socket.write(request);
      // From before the change is made until after it is: what was not made is made by the repeat.
      await new Promise((done) => setTimeout(done, 4 * kills));
      kills += 1;
      await server.kill();
      server = await startLiveServer({ folder, port });
      socket.destroy();
    };
    expect(await makeThrough('killed', kill)).toEqual({ counts: ONE_OF_EACH, cut: 6 });
  });
});
