import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, describe, expect, it } from 'vitest';
import { createProgram } from './create-program.js';
import { NOW_MS, type Route, run, serve } from './testing-io.fixture.js';

const open: { close(): Promise<void> }[] = [];
const server = async (routes: Readonly<Record<string, Route | ((body: string) => Route)>>) => {
  const started = await serve(routes);
  open.push(started);
  return started;
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

function leaves(command: Command, path: readonly string[] = []): { path: readonly string[]; command: Command }[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((sub) => leaves(sub, [...path, sub.name()]));
}

const DIGEST = 'ab'.repeat(32);
const model = {
  name: 'rain',
  description: '',
  createdAtMs: NOW_MS - 90_000,
  createdBy: 'ada',
  latestVersion: 3,
  aliases: { champion: 2 },
};

describe('output', () => {
  it('is an aligned table without colour for a pipe', async () => {
    const { url } = await server({ 'GET /api/v1/models': { body: { items: [model] } } });
    const { exitCode, stdout, stderr } = await run(['model', 'list', '--url', url]);
    expect(stdout).toBe('model  latest  aliases       made       by\nrain        3  champion → 2  1 min ago  ada\n');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('is what the server sent with --json', async () => {
    const { url } = await server({ 'GET /api/v1/models': { body: { items: [model] } } });
    const { stdout } = await run(['model', 'list', '--json'], { env: { FAIRLEAD_URL: url } });
    expect(JSON.parse(stdout)).toEqual({ items: [model] });
  });

  it('is coloured on a terminal only, and never with NO_COLOR', async () => {
    const run1 = {
      id: 'r1',
      pipeline: 'rain',
      state: 'failed',
      trigger: { kind: 'manual' },
      createdAtMs: NOW_MS,
      endedAtMs: NOW_MS,
    };
    const { url } = await server({ 'GET /api/v1/pipeline-runs': { body: { items: [run1], nextPageToken: null } } });
    const args = ['pipeline', 'runs', '--url', url];
    const esc = '\u001b[';
    expect((await run(args, { tty: true })).stdout).toContain(`${esc}31mfailed`);
    expect((await run(args, { tty: true, env: { NO_COLOR: '1' } })).stdout).not.toContain(esc);
    expect((await run(args)).stdout).not.toContain(esc);
  });

  it('cannot be made to move the cursor by what the server sends', async () => {
    const { url } = await server({ 'GET /api/v1/models': { body: { items: [{ ...model, name: 'a\nb\rc\u0007' }] } } });
    const { stdout } = await run(['model', 'list', '--url', url]);
    expect(stdout.split('\n').length).toBe(3);
    expect(stdout).toContain('a b c');
  });
});

describe('every command', () => {
  const all = leaves(createProgram()).filter(({ path }) => path[0] !== 'up');

  it('takes --json and shows an example', () => {
    expect(all.length).toBeGreaterThan(55);
    for (const { path, command } of leaves(createProgram())) {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) });
      command.outputHelp();
      expect(help, path.join(' ')).toMatch(/Examples:\n {2}\$ /);
      expect(help, path.join(' ')).toContain('--json');
    }
  });

  it('writes JSON and nothing else on standard output with --json, also when it is refused', async () => {
    const { url } = await server({});
    for (const { path, command } of all) {
      const args = command.registeredArguments.filter(({ required }) => required).map(() => '7');
      const offline = ['completion', 'profile', 'validate'].includes(path[0] ?? '') && path.length === 1;
      const { exitCode, stdout, stderr } = await run([...path, ...args, '--json', ...(offline ? [] : ['--url', url])]);
      const name = path.join(' ');
      if (name === 'version') continue;
      const { error } = JSON.parse(stdout) as { error: { code: string; remedy: string } };
      // A source to move in and a model to register are read by the command itself: what is wrong with its path is wrong usage.
      expect(exitCode, name).toBe(/^(CLI|MOVE|TRN_MODEL)_/.test(error.code) ? 2 : 1);
      expect(error.remedy, name).not.toBe('');
      expect(stderr, name).toContain(`error ${error.code}: `);
    }
  });
});

describe('errors', () => {
  it('show code, message and remedy of the server and end with 1', async () => {
    const error = {
      code: 'REG_MODEL_NOT_FOUND',
      message: 'There is no model x.',
      remedy: 'List them.',
      data: {},
      id: 'e',
      requestId: 'q',
    };
    const { url } = await server({ 'GET /api/v1/models/x/versions': { status: 404, body: { error } } });
    const { exitCode, stdout, stderr } = await run(['model', 'versions', 'x', '--url', url]);
    expect(stderr).toBe('error REG_MODEL_NOT_FOUND: There is no model x.\nremedy: List them.\n');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('say how to start the server when nobody answers', async () => {
    const { url, close } = await serve({});
    await close();
    const { exitCode, stderr } = await run(['status', '--url', url]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error SDK_UNREACHABLE');
    expect(stderr).toContain('fairlead up');
  });

  it('end with 2 for wrong usage and suggest the right word', async () => {
    expect(await run(['modle'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Did you mean model?') });
    expect((await run(['model', 'list', '--limit', '3'])).exitCode).toBe(2);
    expect((await run(['release', 'list', '--limit', 'many'])).exitCode).toBe(2);
    expect((await run(['release', 'sign', 'r1'])).stderr).toContain('--role');
  });

  it('do not send a request that cannot be meant', async () => {
    const { url, asked } = await server({});
    await run(['rollback', 'rain', '--url', url]);
    await run(['endpoint', 'predict', 'rain', '--url', url]);
    expect(asked).toEqual([]);
  });
});

describe('--version', () => {
  it('belongs to the command that has one, and to the program before it', async () => {
    const { url, asked } = await server({});
    await run(['release', 'request', 'rain', '--version', '3', '--reason', 'r', '--no-wait', '--url', url]);
    expect(asked.find((line) => line.startsWith('POST'))).toContain('"version":3');
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('endpoint predict --id', () => {
  it('does not send the column of the id unless the endpoint takes it', async () => {
    const answer = { model: 'rain', version: 1, predictions: [], warnings: [] };
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-cli-'));
    writeFileSync(join(folder, 'rows.csv'), 'id,date,wind\na,2015-01-01,3\n');
    const properties = { wind: {}, date: {} };
    const document = { paths: { schema: { properties: { rows: { items: { properties } } } } } };
    const { url, asked } = await server({
      'GET /api/v1/endpoints/rain/openapi.json': { body: document },
      'POST /api/v1/endpoints/rain/predict': { body: answer },
    });
    for (const id of ['id', 'date']) {
      await run(['endpoint', 'predict', 'rain', 'rows.csv', '--id', id, '--url', url], { cwd: folder });
    }
    const sent = asked
      .filter((line) => line.startsWith('POST'))
      .map((line) => JSON.parse(line.slice(line.indexOf('{'))));
    expect(sent.map(({ ids }) => ids)).toEqual([['a'], ['2015-01-01']]);
    expect(sent.map(({ rows }) => Object.keys(rows[0]))).toEqual([
      ['date', 'wind'],
      ['id', 'date', 'wind'],
    ]);
  });
});

describe('commands that wait', () => {
  it('plan an A/B test without a server', async () => {
    const size = async (...rest: string[]) => run(['release', 'size', ...rest, '--json']);
    expect(JSON.parse((await size('--baseline', '0.1', '--effect', '0.02')).stdout)).toEqual({
      ...{ candidate: 3841, stable: 3841, power: 0.8 },
    });
    const { power } = JSON.parse((await size('--deviation', '1', '--effect', '0.2', '--trials', '394')).stdout);
    expect(power).toBeCloseTo(0.8, 2);
    expect((await size('--effect', '0.1')).exitCode).toBe(2);
    expect((await size('--baseline', '0.1', '--effect', 'much')).stderr).toContain("'much'");
  });

  it('refuse a state that no release is ever in', async () => {
    const { url, asked } = await server({});
    const { exitCode, stderr } = await run(['release', 'wait', 'r1', '--for', 'relaesed', '--url', url]);
    expect(stderr).toContain("'relaesed' is no state of a release; there are testing, ");
    expect({ exitCode, asked }).toEqual({ exitCode: 2, asked: [] });
  });

  const step = {
    name: 'train',
    attempt: 1,
    startedAtMs: 0,
    endedAtMs: 2_100,
    cacheKey: null,
    cachedFromRunId: null,
    outputs: {},
    summary: { best: 'forest' },
    trackingRunId: null,
    error: null,
    progress: null,
  };
  const runOf = (state: string, steps: object[]) => ({
    id: 'r1',
    pipeline: 'rain',
    specDigest: DIGEST,
    state,
    params: {},
    trigger: { kind: 'manual', ref: null },
    createdBy: 'ada',
    createdAtMs: NOW_MS,
    endedAtMs: state === 'running' ? null : NOW_MS,
    steps,
  });

  it('show each step once, why it was not cached, and what to do next', async () => {
    const states = [
      runOf('running', [{ ...step, state: 'running', whyNotCached: [] }]),
      runOf('running', [{ ...step, state: 'succeeded', whyNotCached: ['seed 7 → 8'] }]),
      runOf('succeeded', [{ ...step, state: 'succeeded', whyNotCached: ['seed 7 → 8'] }]),
    ];
    const { url, asked } = await server({
      'POST /api/v1/pipelines/rain/runs': { status: 202, body: { runId: 'r1', run: states[0] } },
      'GET /api/v1/pipeline-runs/r1': () => ({ body: states.length > 1 ? states.shift() : states[0] }),
    });
    const { exitCode, stdout, stderr } = await run([
      'run',
      'rain',
      '--param',
      'rows=date < 5',
      '--param',
      'n=3',
      '--url',
      url,
    ]);
    expect(asked[0]).toBe('POST /api/v1/pipelines/rain/runs {"params":{"rows":"date < 5","n":3}}');
    expect(stderr).toBe('succeeded train  2.1 s  best forest  (not cached: seed 7 → 8)\n');
    expect(stdout).toContain('next: fairlead status');
    expect(exitCode).toBe(0);
  });

  it('end with 1 when the run failed, with its error and remedy', async () => {
    const error = { code: 'TRN_NO_ROWS', message: 'The part is empty.\n  at line 3', remedy: 'Widen it.' };
    const failed = runOf('failed', [{ ...step, state: 'failed', whyNotCached: [], error }]);
    const { url } = await server({
      'POST /api/v1/pipelines/rain/runs': { status: 202, body: { runId: 'r1', run: failed } },
      'GET /api/v1/pipeline-runs/r1': { body: failed },
    });
    const { exitCode, stdout, stderr } = await run(['run', 'rain', '--url', url]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe('failed train  2.1 s  TRN_NO_ROWS: The part is empty.\n');
    expect(stdout).toContain(
      'TRN_NO_ROWS: The part is empty.\n  at line 3\nremedy: Widen it.\nnext: fairlead pipeline resume r1',
    );
  });
});

describe('the project file', () => {
  it('is sent with its folder, and a problem comes back with its line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-cli-'));
    writeFileSync(join(folder, 'fairlead.yaml'), 'project: x\ndatasets:\n  weather:\n    sauce: { path: w.csv }\n');
    const problems = [{ path: 'datasets.weather', problem: "unknown key 'sauce'" }];
    const error = {
      code: 'PRJ_INVALID',
      message: 'datasets.weather: no.',
      remedy: 'Mend it.',
      data: { problems },
      id: 'e',
      requestId: 'q',
    };
    const { url, asked } = await server({ 'POST /api/v1/projects/plan': { status: 422, body: { error } } });
    const { stderr, exitCode } = await run(['plan', '--url', url], { cwd: folder });
    expect(JSON.parse(asked[0]?.split(' ').slice(2).join(' ') ?? '')).toEqual({
      folder,
      project: { project: 'x', datasets: { weather: { sauce: { path: 'w.csv' } } } },
    });
    expect(stderr).toContain('error PRJ_INVALID: fairlead.yaml:3:3: datasets.weather: no.');
    expect(exitCode).toBe(1);
  });

  it('shows changes as + and ~ with both values', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-cli-'));
    writeFileSync(join(folder, 'fairlead.json'), '{"project":"x"}');
    const changes = [
      { kind: 'dataset', name: 'weather', action: 'create', differences: [] },
      {
        kind: 'monitor',
        name: 'rain',
        action: 'change',
        differences: [{ path: 'windowRows', before: '60', after: '90' }],
      },
      { kind: 'rule', name: 'retrain', action: 'none', differences: [] },
    ];
    const { url } = await server({ 'POST /api/v1/projects/plan': { body: { project: 'x', changes } } });
    const { stdout } = await run(['plan', '--url', url], { cwd: folder });
    expect(stdout).toBe(
      '+ dataset weather\n~ monitor rain\n    - windowRows: 60\n    + windowRows: 90\n  rule retrain\nnext: fairlead apply\n',
    );
  });
});
