// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the references of a project file
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workerEntry } from '../../platform/compute/index.js';
import { openTestServer } from '../../platform/http/http.fixture.js';
import { trackingRoutes } from '../tracking/index.js';
import { type Bench, me, openBench, type Replica, runOnce, stepOf } from './pipelines-testing.js';
import type { PipelineRun } from './pipelines-types.js';

let bench: Bench;
let replica: Replica;

beforeEach(async () => {
  bench = await openBench([]);
  replica = bench.replica('one');
  await replica.queue.start();
});
afterEach(() => bench.dispose());

const artifactOf = async (runId: string | null, path: string): Promise<string> => {
  const { stream } = await bench.tracking.openArtifact(runId ?? '', path);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};
const node = (code: string) => ['node', '-e', code];
const errorOf = (run: PipelineRun) => stepOf(run, 's').error;

describe('a command step', () => {
  it('runs an unchanged Python program that logs a metric over HTTP, and keeps what it wrote', async () => {
    const server = await openTestServer({}, { identify: async () => ({ ...me.actor, roles: ['data-scientist'] }) });
    await server.app.register(trackingRoutes({ tracking: bench.tracking }));
    await server.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = server.app.server.address() as { port: number };
    try {
      const other = bench.replica('two', { trackingUri: () => `http://127.0.0.1:${port}` });
      await replica.queue.stop({ graceMs: 0 });
      await other.queue.start();
      bench.write('maths.py', 'def square(x):\n    return x * x\n');
      bench.write('train.py', TRAIN_PY);
      const train = { run: ['python3', 'train.py', '--depth=${params.depth}'], with: { rate: 0.5 }, seed: 7 };
      const spec = { params: { depth: 3 }, steps: { train: { ...train, outputs: { model: 'model.txt' } } } };
      const step = stepOf(await runOnce(other, bench, { spec }), 'train');
      expect([step.state, step.error]).toEqual(['succeeded', null]);
      const tracked = await bench.tracking.run(step.trackingRunId ?? '');
      expect(tracked.metrics).toEqual({ loss: 9 });
      expect(tracked.environment?.command).toEqual(['python3', 'train.py', '--depth=3']);
      expect(await artifactOf(step.trackingRunId, 'outputs/model.txt')).toBe('7 0.5');
      expect(await artifactOf(step.trackingRunId, 'logs/output.txt')).toBe('training\n');
    } finally {
      await server.app.close();
    }
  });

  it('hands files on to the next command under their own names', async () => {
    const write = "require('fs').writeFileSync(process.env.FAIRLEAD_OUTPUT_DIR + '/data.csv', 'a,b')";
    const read =
      "const f = process.env.FAIRLEAD_INPUT_TABLE; console.log(require('path').basename(f), require('fs').readFileSync(f, 'utf8'))";
    const spec = {
      steps: {
        make: { run: node(write), outputs: { table: 'data.csv' } },
        use: { run: node(read), inputs: { table: 'make.table' } },
      },
    };
    const run = await runOnce(replica, bench, { spec });
    expect(run.state).toBe('succeeded');
    expect(await artifactOf(stepOf(run, 'use').trackingRunId, 'logs/output.txt')).toBe('data.csv a,b\n');
  });

  it('gives parts of other inputs as local paths, and nothing of the environment of the server', async () => {
    process.env.SECRET_OF_THE_SERVER = 'x';
    const split = { uses: 'split' };
    const handler = {
      ...{ uses: 'split', version: '1', title: 'Split', cacheable: true, check: () => [] },
      run: async () => ({ outputs: { split: { kind: 'split', id: 's1', digest: 'd' } } }),
    };
    const other = bench.replica('two', {
      handlers: [handler],
      materialise: async ({ id }) => ({ train: `/data/${id}/train.parquet` }),
    });
    await replica.queue.stop({ graceMs: 0 });
    await other.queue.start();
    const show = 'console.log(JSON.stringify(process.env))';
    const run = await runOnce(other, bench, {
      spec: { steps: { split, show: { run: node(show), inputs: { split: 'split.split' }, env: { MINE: 'y' } } } },
    });
    const env = JSON.parse(await artifactOf(stepOf(run, 'show').trackingRunId, 'logs/output.txt'));
    expect(env).toMatchObject({ FAIRLEAD_INPUT_SPLIT_TRAIN: '/data/s1/train.parquet', FAIRLEAD_SEED: '0', MINE: 'y' });
    expect(env.SECRET_OF_THE_SERVER).toBeUndefined();
    delete process.env.SECRET_OF_THE_SERVER;
  });

  it('fails with the last lines of the output and the exit code', async () => {
    const run = await runOnce(replica, bench, {
      spec: { steps: { s: { run: node("console.log('out'); console.error('bad input'); process.exit(3)") } } },
    });
    expect(errorOf(run)).toMatchObject({ code: 'PIP_COMMAND_FAILED' });
    expect(errorOf(run)?.message).toMatch(/exit code 3.*Last lines:\n[\s\S]*bad input$/);
    expect(await artifactOf(stepOf(run, 's').trackingRunId, 'logs/output.txt')).toContain('out\n');
  });

  it.each([
    [['no-such-program-here'], {}, 'PIP_COMMAND_NOT_STARTED'],
    [node('process.kill(process.pid, "SIGKILL")'), {}, 'PIP_COMMAND_KILLED'],
    [node(''), { model: 'missing.onnx' }, 'PIP_OUTPUT_MISSING'],
    [
      node("require('fs').symlinkSync('/etc/hostname', process.env.FAIRLEAD_OUTPUT_DIR + '/l')"),
      { l: 'l' },
      'PIP_OUTPUT_MISSING',
    ],
  ])('says what is wrong with %j', async (run, outputs, code) => {
    const ended = await runOnce(replica, bench, { spec: { steps: { s: { run, outputs } } } });
    expect(errorOf(ended)?.code).toBe(code);
  });

  it('is ended with all it started when the run is cancelled', async () => {
    const marker = join(bench.project, 'pids');
    const code = `const c = require('child_process').spawn('sleep', ['60']);
      require('fs').writeFileSync(${JSON.stringify(marker)}, process.pid + ' ' + c.pid); setInterval(() => {}, 1000)`;
    await replica.pipelines.declare(me, 'p', {
      spec: { steps: { s: { run: node(code) } } },
      projectFolder: bench.project,
    });
    const { id } = await replica.pipelines.start(me, { pipeline: 'p' });
    await expect.poll(() => existsSync(marker) && readFileSync(marker, 'utf8') !== '', { timeout: 10_000 }).toBe(true);
    const pids = readFileSync(marker, 'utf8').split(' ').map(Number);
    await replica.pipelines.cancel(me, id);
    await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('a process that left the group of its command', () => {
  const daemon = (marker: string, then: string) => `
    const c = require('child_process').spawn('sleep', ['60'], { detached: true, stdio: 'inherit' });
    c.unref(); require('fs').writeFileSync(${JSON.stringify(marker)}, String(c.pid)); ${then}`;

  it('ends with the command and does not keep its step from ending', async () => {
    const marker = join(bench.project, 'pid');
    const ended = await runOnce(replica, bench, { spec: { steps: { s: { run: node(daemon(marker, '')) } } } });
    expect(stepOf(ended, 's').state).toBe('succeeded');
    expect(isAlive(Number(readFileSync(marker, 'utf8')))).toBe(false);
  });

  it('ends when the run is cancelled', async () => {
    const marker = join(bench.project, 'pid');
    const code = daemon(marker, 'setInterval(() => {}, 1000)');
    await replica.pipelines.declare(me, 'p', {
      spec: { steps: { s: { run: node(code) } } },
      projectFolder: bench.project,
    });
    const { id } = await replica.pipelines.start(me, { pipeline: 'p' });
    await expect.poll(() => existsSync(marker) && readFileSync(marker, 'utf8') !== '', { timeout: 10_000 }).toBe(true);
    await replica.pipelines.cancel(me, id);
    await expect.poll(() => isAlive(Number(readFileSync(marker, 'utf8'))), { timeout: 10_000 }).toBe(false);
  });
});

describe('the supervisor of a command', () => {
  it('kills the command and all it started when the server is gone', async () => {
    const supervisor = fork(workerEntry(new URL('./run-process.ts', import.meta.url).href, 'command-worker.js'), [], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const code =
      "console.log(process.pid, require('child_process').spawn('sleep', ['60']).pid); setInterval(() => {}, 1000)";
    supervisor.send({ argv: node(code), cwd: bench.project, env: { PATH: process.env.PATH } });
    const pids = String((await once(supervisor.stdout!, 'data'))[0])
      .split(' ')
      .map(Number);
    expect(pids.filter(isAlive)).toHaveLength(2);
    supervisor.disconnect();
    await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
  });
});

/** A process that has ended but was not yet collected is not alive. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

const TRAIN_PY = `
import json, os, sys, urllib.request
from maths import square

print("training")
depth = int(sys.argv[1].split("=")[1])
url = os.environ["FAIRLEAD_TRACKING_URI"] + "/api/v1/runs/" + os.environ["FAIRLEAD_RUN_ID"] + "/batch"
body = json.dumps({"metrics": [{"key": "loss", "value": square(depth), "timestampMs": 1, "step": 0}]}).encode()
request = urllib.request.Request(url, body, {"content-type": "application/json"}, method="POST")
urllib.request.urlopen(request).read()
with open(os.environ["FAIRLEAD_OUTPUT_DIR"] + "/model.txt", "w") as file:
    file.write(os.environ["FAIRLEAD_SEED"] + " " + os.environ["FAIRLEAD_PARAM_RATE"])
`;
