import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFolderSource } from './folder-source.js';
import { MODEL_ID, problemList, RUN_ID, readWhole, tempFolder, writeFiles, writeMlruns } from './move.fixture.js';

const EXPERIMENT = '272820270892047914';

test('a folder store is read whole, although it was moved since it was written', async () => {
  const root = tempFolder();
  writeMlruns(root);
  const told = problemList();
  const source = await openFolderSource(root, told);
  const { experiments, models } = await readWhole(source);

  expect(told.problems).toEqual([]);
  expect(experiments.map(({ id, name, lifecycle }) => [id, name, lifecycle])).toEqual([
    ['0', 'Default', 'active'],
    [EXPERIMENT, 'Ärger / ☃', 'active'],
    ['7', 'gone', 'deleted'],
  ]);
  const experiment = experiments[1];
  expect(experiment).toMatchObject({ tags: { team: 'north' }, createdAtMs: 1795258644927, updatedAtMs: 1795258644928 });
  expect(experiment?.runs).toEqual([
    {
      id: RUN_ID,
      experimentId: EXPERIMENT,
      name: 'first',
      status: 'finished',
      lifecycle: 'active',
      startedAtMs: 1700000000000,
      endedAtMs: null,
      userName: 'ada',
      params: { depth: '4', empty: '' },
      tags: { 'mlflow.note.content': 'a: "b"\nc' },
      links: {
        datasets: [
          {
            dataset: {
              name: 'weather',
              digest: 'abc123',
              sourceType: 'http',
              source: '{}',
              schema: '{"a": 1}',
              profile: null,
            },
            tags: { 'mlflow.data.context': 'train' },
          },
        ],
        modelInputs: [MODEL_ID],
        modelOutputs: [{ modelId: MODEL_ID, step: 5 }],
      },
      series: {
        loss: ['-3 1700000000002 -Infinity', '0 1700000000000 0.5', '1 1700000000001 NaN', '2 1700000000003 1e-7'],
        'valid/acc': ['5 1700000000009 0.75'],
      },
      files: { 'empty.bin': 'e3b0c442', 'plots/räin 100%.txt': '319b44c5' },
    },
  ]);
  expect(experiment?.models).toMatchObject([
    {
      id: MODEL_ID,
      name: 'forest',
      status: 'ready',
      sourceRunId: RUN_ID,
      metrics: [
        { key: 'acc', value: 0.75, step: 5, runId: RUN_ID, datasetName: 'my weather', datasetDigest: 'abc123' },
      ],
      files: { MLmodel: expect.any(String) },
    },
  ]);
  expect(models).toMatchObject([
    {
      name: 'rain',
      description: 'Predicts rain\nwell',
      tags: { owner: 'ops' },
      aliases: { champion: 3 },
      versions: [
        { version: 2, lifecycle: 'deleted' },
        { version: 3, lifecycle: 'active', stage: 'Production', runId: RUN_ID, description: '' },
      ],
    },
  ]);
});

test('what cannot be understood is named with its place, and the rest goes on', async () => {
  const root = tempFolder();
  writeMlruns(root);
  const at = `${EXPERIMENT}/${RUN_ID}`;
  const run = (id: string) => `${EXPERIMENT}/${id}/meta.yaml`;
  const bomb = `a: &a [x, x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*a, *a]`).join('\n')}\n`;
  writeFiles(root, {
    [run('a'.repeat(32))]: bomb,
    [run('b'.repeat(32))]: `run_id: !!python/object/apply:os.system ["id"]\nexperiment_id: '${EXPERIMENT}'\n`,
    [run('c'.repeat(32))]: 'run_id: [\n',
    [run('d'.repeat(32))]: `run_id: ../../etc\nexperiment_id: '${EXPERIMENT}'\n`,
    [run('e'.repeat(32))]: `run_id: ${'e'.repeat(32)}\nexperiment_id: '${EXPERIMENT}'\nstatus: 99\n`,
    [run('f'.repeat(32))]: `${'['.repeat(5_000)}\n`,
    [`${at}/params/latin`]: new Uint8Array([0x66, 0xfc, 0x72]),
    [`${at}/tags/huge`]: 'x'.repeat((1 << 20) + 1),
    [`${at}/metrics/broken`]: '1700000000000 0.5 0\nnot a point\n1700000000001 0.5 x\n1700000000002 2 3\n',
    [`${at}/metrics/endless`]: 'x'.repeat(200_000),
    'models/rain/version-9/meta.yaml': 'name: other\nversion: 9\n',
  });
  const told = problemList();
  const { experiments, models } = await readWhole(await openFolderSource(root, told));
  const broken = (id: string) => `MOVE_RECORD_BROKEN ${id.repeat(32)}/meta.yaml`;
  expect(told.codes()).toEqual(
    [
      ...['a', 'b', 'c', 'd', 'e', 'f'].map(broken),
      'MOVE_RECORD_BROKEN metrics/broken:2',
      'MOVE_RECORD_BROKEN metrics/broken:3',
      'MOVE_RECORD_BROKEN metrics/endless:1',
      'MOVE_RECORD_BROKEN params/latin',
      'MOVE_RECORD_BROKEN version-9/meta.yaml',
      'MOVE_TOO_LARGE tags/huge',
    ].sort(),
  );
  expect(experiments[1]?.runs).toHaveLength(1);
  expect(experiments[1]?.runs[0]?.series.broken).toEqual(['0 1700000000000 0.5', '3 1700000000002 2']);
  expect(models[0]?.versions.map(({ version }) => version)).toEqual([2, 3]);
});

test('nothing outside the folder is read, whatever links and recorded places say', async () => {
  const [root, secret] = [tempFolder(), tempFolder()];
  writeMlruns(root);
  writeFiles(secret, { 'passwd.txt': 'secret', 'run/meta.yaml': 'run_id: x\n' });
  const at = join(root, EXPERIMENT, RUN_ID);
  symlinkSync(join(secret, 'passwd.txt'), join(at, 'artifacts/passwd.txt'));
  symlinkSync(secret, join(at, 'artifacts/folder'));
  symlinkSync(join(at, 'artifacts/empty.bin'), join(at, 'artifacts/within.bin'));
  symlinkSync(join(secret, 'passwd.txt'), join(at, 'params/stolen'));
  symlinkSync(join(secret, 'run'), join(root, EXPERIMENT, 'linked'));
  // A run whose files are said to be where nobody told this command to read.
  const thief = 'f'.repeat(32);
  mkdirSync(join(root, EXPERIMENT, thief));
  writeFileSync(
    join(root, EXPERIMENT, thief, 'meta.yaml'),
    `run_id: ${thief}\nexperiment_id: '${EXPERIMENT}'\nartifact_uri: file://${secret}\nstatus: 3\n`,
  );
  const told = problemList();
  const { experiments } = await readWhole(await openFolderSource(root, told));
  expect(told.codes()).toEqual([
    `MOVE_ARTIFACTS_ELSEWHERE run ${thief}`,
    'MOVE_PATH_REFUSED artifacts/folder',
    'MOVE_PATH_REFUSED artifacts/passwd.txt',
    'MOVE_PATH_REFUSED linked/meta.yaml',
    'MOVE_PATH_REFUSED params/stolen',
  ]);
  const [, first] = experiments[1]?.runs ?? [];
  expect(Object.keys(experiments[1]?.runs.find(({ id }) => id === RUN_ID)?.files ?? {})).toEqual([
    'empty.bin',
    'plots/räin 100%.txt',
    'within.bin',
  ]);
  expect(first?.files).toEqual({});

  // With the folder named on purpose it is read.
  const allowed = problemList();
  const again = await readWhole(await openFolderSource(root, { ...allowed, artifactFolders: [secret] }));
  const found = again.experiments[1]?.runs.find(({ id }) => id === thief)?.files ?? {};
  expect(Object.keys(found)).toEqual(['passwd.txt', 'run/meta.yaml']);
});

test('a folder that is no store, or has the store in it', async () => {
  const root = tempFolder();
  await expect(openFolderSource(root, problemList())).rejects.toMatchObject({ code: 'MOVE_SOURCE_UNKNOWN' });
  writeMlruns(join(root, 'mlruns'));
  expect((await openFolderSource(root, problemList())).address).toMatch(/mlruns$/);
  await expect(openFolderSource(join(root, 'absent'), problemList())).rejects.toMatchObject({
    code: 'MOVE_SOURCE_UNREADABLE',
  });
});

test('only the named experiments', async () => {
  const root = tempFolder();
  writeMlruns(root);
  const source = await openFolderSource(root, { ...problemList(), experiments: ['gone'] });
  expect((await readWhole(source)).experiments.map(({ name }) => name)).toEqual(['gone']);
});
