// `fairlead reproduce`: the packages of a command's lock file are installed anew, and the repetition runs among them alone.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reproduction } from '../../packages/server/src/index.js';
import { type LiveServer, plainEnvironment, startLiveServer, temporaryFolder } from '../harness/live-server.js';

const { folder, dispose } = temporaryFolder('reproduce-environment');
const scratch = join(folder, 'scratch');
// uv links from its cache: a test that writes into an installed package must not write into the user's.
const tools = join(folder, 'tools');
const caches = {
  UV_CACHE_DIR: join(folder, 'uv-cache'),
  UV_LINK_MODE: 'copy',
  PATH: `${join(tools, 'bin')}:${process.env.PATH}`,
};
const asked: string[] = [];
const index = createServer(({ url = '' }, response) => {
  asked.push(url);
  response.writeHead(404).end();
});
const mark = join(folder, 'script-has-run');
let server: LiveServer;
let client: FairleadClient;

const inFolder = (name: string, program: string, ...args: string[]) =>
  execFileSync(program, args, { cwd: join(folder, name), env: { ...plainEnvironment(), ...caches }, encoding: 'utf8' });
const git = (...args: string[]) => inFolder('.', 'git', '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args);
const write = (path: string, text: string) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const json = (value: unknown) => JSON.stringify(value);

const WHEEL_PY = `
import sys, zipfile
with zipfile.ZipFile('tiny-1.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('tiny.py', "WORD = 'locked'\\n")
    info = 'tiny-1.0.dist-info/'
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', 'tiny.py,,\\n' + info + 'METADATA,,\\n' + info + 'WHEEL,,\\n' + info + 'RECORD,,\\n')
`;
const TRAIN_PY = `
import os, tiny
with open(os.path.join(os.environ['FAIRLEAD_OUTPUT_DIR'], 'out.txt'), 'w') as out:
    out.write(tiny.WORD)
`;
const PYPROJECT = `
[project]
name = "own"
version = "1.0"
requires-python = ">=3.8"
dependencies = ["tiny"]
[tool.uv.sources]
tiny = { path = "tiny-1.0-py3-none-any.whl" }
`;
const PLAIN_PY = TRAIN_PY.replace(', tiny', '').replace('tiny.WORD', "'plain'");
const TRAIN_MJS = `
import { writeFileSync } from 'node:fs';
import { word } from 'dep';
writeFileSync(process.env.FAIRLEAD_OUTPUT_DIR + '/out.txt', word);
`;
const SLOW_MJS = `
import { existsSync, writeFileSync } from 'node:fs';
writeFileSync(process.env.FAIRLEAD_OUTPUT_DIR + '/out.txt', 'slow');
while (existsSync(process.argv[2])) await new Promise((go) => setTimeout(go, 20));
`;

beforeAll(async () => {
  mkdirSync(scratch);
  write('.gitignore', 'home\nscratch\nnode_modules\n.venv\nwait\ntools\nuv-cache\n');
  mkdirSync(join(folder, 'py'));
  inFolder('py', 'python3', '-c', WHEEL_PY);
  write('py/requirements.txt', './tiny-1.0-py3-none-any.whl\n');
  write('py/train.py', TRAIN_PY);
  inFolder('py', 'python3', '-m', 'venv', '.venv');
  inFolder('py', '.venv/bin/python', '-m', 'pip', 'install', '-q', '--no-index', '-r', 'requirements.txt');

  inFolder('.', 'python3', '-m', 'venv', tools);
  inFolder('.', join(tools, 'bin/python'), '-m', 'pip', 'install', '-q', '--disable-pip-version-check', 'uv');
  mkdirSync(join(folder, 'uv'));
  inFolder('uv', 'python3', '-c', WHEEL_PY);
  write('uv/train.py', TRAIN_PY);
  write('uv/pyproject.toml', PYPROJECT);
  inFolder('uv', 'uv', 'sync', '--offline', '-q', '--no-python-downloads', '--python', 'python3');

  write('js/dep/package.json', json({ name: 'dep', version: '1.0.0', type: 'module', exports: './index.js' }));
  write('js/dep/index.js', "export const word = 'locked';\n");
  const own = { name: 'own', version: '1.0.0', dependencies: { dep: 'file:dep' } };
  write('js/package.json', json({ ...own, scripts: { install: `touch ${json(mark)}` } }));
  const packages = { '': own, dep: { version: '1.0.0' }, 'node_modules/dep': { resolved: 'dep', link: true } };
  write('js/package-lock.json', json({ name: 'own', version: '1.0.0', lockfileVersion: 3, requires: true, packages }));
  write('js/train.mjs', TRAIN_MJS);
  write('js/word.mjs', "import { word } from 'dep';\nexport const tell = () => ({ values: { word } });\n");
  inFolder('js', 'npm', 'ci', '--offline', '--ignore-scripts', '--no-audit', '--loglevel=error');

  write('bad/requirements.txt', 'fairlead-has-no-such-package==1.0\n');
  write('bad/train.py', PLAIN_PY);
  await new Promise<void>((listening) => index.listen(0, '127.0.0.1', listening));
  const { port } = index.address() as AddressInfo;
  write('far/requirements.txt', `tiny @ http://127.0.0.1:${port}/tiny-1.0-py3-none-any.whl\n`);
  write('far/train.py', PLAIN_PY);
  write('bad/slow.mjs', SLOW_MJS);
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'all');
  server = await startLiveServer({ folder, env: { TMPDIR: scratch, ...caches } });
  client = createClient({ url: server.url });
});
afterAll(async () => {
  await server?.stop();
  index.close();
  dispose();
});

async function run(name: string, argv: string[], more = {}): Promise<string> {
  const steps = { train: { run: argv, outputs: { text: 'out.txt' } }, ...more };
  const project = { project: name, pipelines: { [name]: { steps } } };
  await client.projects.apply({ folder: join(folder, name), project: project as never });
  const { id } = await client.pipelines.run(name, {});
  const ended = await client.pipelineRuns.wait(id, { timeoutMs: 120_000 });
  expect(ended.steps.flatMap(({ error }) => error ?? [])).toEqual([]);
  return id;
}

async function reproduce(
  runId: string,
  environment: 'rebuild' | 'offline' | 'current',
): Promise<Reproduction['steps'][number]> {
  return (await reproduceAll(runId, environment))[0];
}

type Steps = readonly [Reproduction['steps'][number], ...Reproduction['steps']];

async function reproduceAll(runId: string, environment: 'rebuild' | 'offline' | 'current'): Promise<Steps> {
  const { jobId } = await client.runs.reproduce(runId, { environment });
  const job = await client.jobs.wait(jobId, { timeoutMs: 120_000 });
  expect(job.error ?? null).toBeNull();
  const [step, ...others] = (job.result as unknown as Reproduction).steps;
  if (step === undefined) throw new Error('no step was done again');
  // Nothing is left of the folder in which it happened.
  expect(readdirSync(scratch).filter((name) => name.startsWith('fairlead-reproduce-'))).toEqual([]);
  expect(readdirSync(join(folder, 'home', 'work', 'reproductions'))).toEqual([]);
  return [step, ...others];
}

describe('the environment of a run done again', () => {
  it('is a new virtual environment of requirements.txt, whatever is installed by now', async () => {
    const id = await run('py', ['.venv/bin/python', 'train.py']);
    inFolder('py', '.venv/bin/python', '-c', `import tiny; open(tiny.__file__, 'w').write("WORD = 'newer'")`);
    const rebuilt = await reproduce(id, 'offline');
    expect([rebuilt.level, rebuilt.code, rebuilt.environment]).toEqual([
      'same-bytes',
      'checked-out',
      {
        kind: 'rebuilt',
        detail: expect.stringMatching(/^from requirements.txt; by Python 3\.\d+\.\d+$/),
        packages: ['tiny==1.0'],
      },
    ]);
    const logs = (await client.runs.artifacts(rebuilt.runId)).items.map(({ path }) => path);
    expect(logs).toContain('logs/environment/pip-install.txt');

    const current = await reproduce(id, 'current');
    expect([current.level, current.environment.kind]).toEqual(['different', 'current']);
    expect(current.firstDifference).toMatch(/^output text: /);
  });

  it('is what uv syncs from uv.lock, also for `uv run`', async () => {
    const command = ['uv', 'run', '--offline', 'python', 'train.py'];
    const id = await run('uv', ['.venv/bin/python', 'train.py'], {
      run: { run: command, outputs: { text: 'out.txt' } },
    });
    inFolder('uv', '.venv/bin/python', '-c', `import tiny; open(tiny.__file__, 'w').write("WORD = 'newer'")`);
    const environment = {
      kind: 'rebuilt',
      detail: expect.stringMatching(/^from uv.lock; by Python 3/),
      packages: ['tiny==1.0'],
    };
    expect((await reproduceAll(id, 'offline')).map((step) => [step.step, step.level, step.environment])).toEqual([
      ['train', 'same-bytes', environment],
      ['run', 'same-bytes', environment],
    ]);
  });

  it('is what npm ci installs from package-lock.json, and no script of a package runs', async () => {
    const id = await run('js', ['node', 'train.mjs'], { function: { function: 'word.mjs#tell' } });
    // The linked package of the work tree is another by now; that of the commit is not.
    write('js/dep/index.js', "export const word = 'newer';\n");
    const environment = { kind: 'rebuilt', detail: 'from package-lock.json', packages: ['dep@link'] };
    expect((await reproduceAll(id, 'offline')).map((step) => [step.step, step.level, step.environment])).toEqual([
      ['train', 'same-bytes', environment],
      ['function', 'same-bytes', environment],
    ]);
    expect(existsSync(mark)).toBe(false);
    const current = await reproduce(id, 'current');
    expect([current.level, current.environment.kind]).toEqual(['different', 'current']);
  });

  it('is the first difference, in the words of the tool, when it cannot be had; nothing runs in another', async () => {
    const id = await run('bad', ['python3', 'train.py']);
    const failed = await reproduce(id, 'offline');
    expect(failed.level).toBe('different');
    expect(failed.firstDifference).toMatch(
      /^environment: requirements.txt: pip-install said: ERROR: .*No matching distribution found for fairlead-has-no-such-package==1.0/,
    );
    expect(failed.environment.kind).toBe('failed');
    expect(failed.outputs).toMatchObject([{ name: 'text', after: null, same: false }]);
    expect((await client.runs.get(failed.runId)).status).toBe('failed');

    const current = await reproduce(id, 'current');
    expect([current.level, current.environment.kind]).toEqual(['same-bytes', 'current']);
  });

  it('is not fetched from an address when it must be had offline', async () => {
    const id = await run('far', ['python3', 'train.py']);
    expect((await reproduce(id, 'offline')).environment.kind).toBe('failed');
    expect(asked).toEqual([]);
    expect((await reproduce(id, 'rebuild')).environment.kind).toBe('failed');
    expect(asked).toContain('/tiny-1.0-py3-none-any.whl');
  });

  it('is removed with the folder when the repetition is cancelled, and when the server is killed', async () => {
    const wait = join(folder, 'wait');
    const made = () => readdirSync(scratch).filter((name) => name.startsWith('fairlead-reproduce-'));
    const id = await run('bad', ['node', 'slow.mjs', wait]);
    writeFileSync(wait, '');
    const { jobId } = await client.runs.reproduce(id);
    await expect.poll(made, { timeout: 120_000 }).toHaveLength(1);
    expect(statSync(join(scratch, made()[0] ?? '')).mode & 0o777).toBe(0o700);
    await fetch(`${server.url}/api/v1/jobs/${jobId}/cancel`, { method: 'POST' });
    expect((await client.jobs.wait(jobId, { timeoutMs: 120_000 })).state).toBe('cancelled');
    await expect.poll(made, { timeout: 120_000 }).toEqual([]);

    await client.runs.reproduce(id);
    await expect.poll(made, { timeout: 120_000 }).toHaveLength(1);
    await server.kill();
    const [left] = made();
    expect(left).toBeDefined();
    rmSync(wait);
    server = await startLiveServer({ folder, env: { TMPDIR: scratch, ...caches } });
    client = createClient({ url: server.url });
    expect(made()).not.toContain(left);
  });
});
