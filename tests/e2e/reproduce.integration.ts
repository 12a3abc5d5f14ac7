// `fairlead reproduce`: a run done again from its record on a real server, by code as it was then.
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reproduction } from '../../packages/server/src/index.js';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { smallProject } from '../harness/port-weather.js';

const { folder, dispose } = temporaryFolder('reproduce');
let server: LiveServer;
let client: FairleadClient;
let ingestRunId: string;

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: folder });
const script = (body: string) =>
  `import { readdirSync, rmSync, writeFileSync } from 'node:fs';\nimport { join } from 'node:path';\nconst out = (text) => writeFileSync(join(process.env.FAIRLEAD_OUTPUT_DIR, 'out.txt'), text);\n${body}\n`;

beforeAll(async () => {
  server = await startLiveServer({ folder });
  client = createClient({ url: server.url });
});
afterAll(async () => {
  await server?.stop();
  dispose();
});

async function run(pipeline: string): Promise<string> {
  const { id } = await client.pipelines.run(pipeline, {});
  const ended = await client.pipelineRuns.wait(id, { timeoutMs: 240_000 });
  expect(ended.steps.flatMap(({ error }) => error ?? [])).toEqual([]);
  return id;
}

async function reproduce(
  runId: string,
  options: Parameters<typeof client.runs.reproduce>[1] = {},
): Promise<Reproduction> {
  const { jobId } = await client.runs.reproduce(runId, options);
  const job = await client.jobs.wait(jobId, { timeoutMs: 240_000 });
  expect(job.error ?? null).toBeNull();
  return job.result as unknown as Reproduction;
}

describe('a run done again from its record', () => {
  it('runs commands by the code of then, uncommitted changes included, and names what cannot repeat', async () => {
    writeFileSync(join(folder, '.gitignore'), 'home\n');
    writeFileSync(join(folder, 'steady.mjs'), script(`out('first')`));
    writeFileSync(join(folder, 'dice.mjs'), script('out(String(process.hrtime.bigint()))'));
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'first');
    writeFileSync(join(folder, 'steady.mjs'), script(`out('uncommitted, seed ' + process.env.FAIRLEAD_SEED)`));
    const step = (name: string) => ({ run: ['node', `${name}.mjs`], outputs: { text: 'out.txt' }, seed: 3 });
    const project = {
      project: 'again',
      pipelines: { commands: { steps: { steady: step('steady'), dice: step('dice') } } },
    };
    await client.projects.apply({ folder, project: project as never });
    const id = await run('commands');
    // The work tree moves on; the record does not.
    writeFileSync(join(folder, 'steady.mjs'), script(`out('something new')`));
    git('commit', '-qam', 'later');

    const { level, steps, skipped } = await reproduce(id);
    expect(skipped).toEqual([]);
    expect(steps.map(({ step: name, level: own, code }) => [name, own, code])).toEqual([
      ['steady', 'same-bytes', 'checked-out'],
      ['dice', 'different', 'checked-out'],
    ]);
    expect(level).toBe('different');
    expect(steps[1]?.firstDifference).toMatch(/^output text: [0-9a-f]{12} → [0-9a-f]{12}$/);
    const { tags } = await client.runs.get(steps[0]?.originalRunId ?? '');
    expect(tags['fairlead.reproduced']).toBe(`same-bytes by run ${steps[0]?.runId}`);

    const single = await reproduce(steps[0]?.originalRunId ?? '');
    expect(single.steps.map(({ step: name, level: own }) => [name, own])).toEqual([['steady', 'same-bytes']]);
  });

  it('gives the same bytes of a model, its record and its evaluation', async () => {
    const project = smallProject(folder);
    project.pipelines['wind-only'].steps.package = {
      ...{ uses: 'package', inputs: { version: 'register.version' } },
      with: { as: 'npm' },
    };
    await client.projects.apply({ folder, project: project as never });
    const id = await run('wind-only');
    // What the source holds now does not matter: the bytes that came were kept.
    writeFileSync(join(folder, 'weather.csv'), 'location,date\n');
    const { level, steps, skipped } = await reproduce(id);
    ingestRunId = steps[0]?.originalRunId ?? '';
    expect(level).toBe('same-bytes');
    expect(steps.map(({ step, changed }) => [step, changed])).toEqual([
      ['ingest', []],
      ['split', []],
      ['train', []],
      ['evaluate', []],
      ['register', []],
      ['package', []],
    ]);
    const compared = Object.fromEntries(steps.map(({ step, outputs }) => [step, outputs.map(({ name }) => name)]));
    expect(compared.train).toEqual(['model', 'training']);
    expect(compared.ingest).toEqual(['version']);
    expect(compared.split).toEqual(['rows of train', 'bytes of train', 'rows of test', 'bytes of test', 'split']);
    expect(compared.register).toEqual([
      ...['version', 'model.onnx', 'training.json', 'report.json', 'profile.json'],
      'facts',
    ]);
    expect(compared.package).toEqual(['npm']);
    expect(skipped).toEqual([{ step: 'release', why: expect.stringContaining('acts outside its result') }]);
    const [versions, models] = [await client.datasets.versions('weather'), await client.models.versions('rain')];
    expect([versions.items.length, models.items.length]).toEqual([1, 1]);
  });

  it('names a changed contract, and source bytes that are damaged, as the first difference of an ingest', async () => {
    const project = smallProject(folder);
    project.datasets.weather.source.columns.wind.max = 70;
    await client.projects.apply({ folder, project: project as never });
    const { tags } = await client.runs.get(ingestRunId);
    expect(tags['fairlead.step']).toBe('ingest');
    const stricter = await reproduce(ingestRunId);
    expect(stricter.level).toBe('different');
    expect(stricter.steps[0]?.firstDifference).toMatch(/^contract of weather: [0-9a-f]{12} → [0-9a-f]{12}$/);

    const [delivery] = (await client.datasets.deliveries('weather')).items;
    const [{ digest = '' } = {}] = delivery?.sourceFiles ?? [];
    const kept = readdirSync(join(folder, 'home'), { recursive: true, encoding: 'utf8' });
    const object = join(
      folder,
      'home',
      kept.find((path) => path.endsWith(join(digest.slice(0, 2), digest.slice(2)))) ?? '',
    );
    rmSync(object);
    writeFileSync(object, 'spoilt');
    const spoilt = await reproduce(ingestRunId);
    expect(spoilt.steps[0]?.firstDifference).toMatch(/^source: the bytes of weather.csv .* are not those that came$/);
  });

  it('refuses what is not there or was not made by a pipeline', async () => {
    const own = await client.runs.start({ experiment: 'by hand' });
    for (const runId of ['nothing', own.id]) {
      await expect(client.runs.reproduce(runId)).rejects.toMatchObject({ code: 'TRN_RUN_NOT_REPRODUCIBLE' });
    }
  });
});
