import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { MODEL_ID, problemList, RUN_ID, readWhole, tempFolder, writeDatabase, writeFiles } from './move.fixture.js';
import { openMlflowSource } from './open-source.js';

function database(version: '2' | '3') {
  const root = tempFolder();
  const path = join(root, 'mlflow.db');
  writeDatabase(path, version);
  writeFiles(root, {
    [`mlartifacts/1/${RUN_ID}/artifacts/plots/rain.txt`]: 'rain',
    [`mlartifacts/1/models/${MODEL_ID}/artifacts/MLmodel`]: 'flavors: {}\n',
  });
  return { root, path };
}

test.each(['2', '3'] as const)('a database of %s.x is read whole, with the files beside it', async (version) => {
  const { root } = database(version);
  const told = problemList();
  const source = await openMlflowSource('sqlite:///mlflow.db', { ...told, cwd: root });
  const { experiments, models } = await readWhole(source);
  expect(experiments.map(({ id, name, lifecycle }) => [id, name, lifecycle])).toEqual([
    ['0', 'Default', 'active'],
    ['1', 'Ärger / ☃', 'active'],
    ['2', 'gone', 'deleted'],
  ]);
  const [deleted, first] = experiments[1]?.runs ?? [];
  expect(deleted).toMatchObject({ name: 'deleted run', lifecycle: 'deleted', status: 'killed', files: {} });
  expect(first).toMatchObject({
    id: RUN_ID,
    name: 'first',
    status: 'finished',
    endedAtMs: null,
    userName: 'ada',
    params: { depth: '4', empty: '' },
    tags: { 'mlflow.note.content': 'a: "b"' },
    series: { loss: ['-3 1700000000002 -1.7976931348623157e+308', '0 1700000000000 0.5', '1 1700000000001 NaN'] },
    files: { 'plots/rain.txt': '319b44c5' },
    links: {
      datasets: [
        { dataset: { name: 'weather', schema: '{"a": 1}', profile: null }, tags: { 'mlflow.data.context': 'train' } },
      ],
      modelInputs: version === '3' ? [MODEL_ID] : [],
      modelOutputs: version === '3' ? [{ modelId: MODEL_ID, step: 5 }] : [],
    },
  });
  expect(experiments[1]?.models).toHaveLength(version === '3' ? 1 : 0);
  expect(models).toMatchObject([
    {
      name: 'rain',
      description: 'Predicts rain',
      aliases: { champion: 3 },
      versions: [
        { version: 2, lifecycle: 'deleted', source: '', runId: null, link: '' },
        { version: 3, stage: 'Production', runId: RUN_ID, tags: { q: '1' } },
      ],
    },
  ]);
  expect(told.problems.map(({ message }) => message)).toEqual(
    version === '3' ? [expect.stringMatching(/registered_models rain .*workspace other/)] : [],
  );
  expect(await source.leftOut()).toEqual(version === '3' ? [{ what: 'traces', count: 2 }] : []);
  await source.close();
});

test('a history longer than a page comes whole, and rows that are no points are told', async () => {
  const { root, path } = database('3');
  const db = new Database(path);
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 45000)
    INSERT INTO metrics SELECT 'long', i * 0.5, i, '${RUN_ID}', i, 0 FROM n;
    INSERT INTO metrics VALUES ('text', 'abc', 1, '${RUN_ID}', 0, 0), ('huge', 1, 1, '${RUN_ID}', 9007199254740993, 0);
    INSERT INTO params VALUES ('bytes', x'ff00', '${RUN_ID}'), ('torn', CAST(x'66fc72' AS TEXT), '${RUN_ID}');
    INSERT INTO runs (run_uuid, experiment_id) VALUES ('../../etc/passwd', 1);`);
  db.close();
  const told = problemList();
  const { experiments } = await readWhole(await openMlflowSource(path, { ...told, cwd: root }));
  const run = experiments[1]?.runs.find(({ id }) => id === RUN_ID);
  expect(run?.series.long).toHaveLength(45_001);
  expect(run?.params).not.toHaveProperty('bytes');
  const messages = told.problems.map(({ message }) => message).sort();
  expect(messages).toHaveLength(6);
  for (const what of [
    /params of .*, key bytes/,
    /params of .*, key torn/,
    /runs .*etc\/passwd.*run_uuid is no id/,
    /metrics row 45005 .* no point/,
    /metrics row 45006 .* no point/,
    /registered_models rain/,
  ]) {
    expect(messages).toContainEqual(expect.stringMatching(what));
  }
});

test('files of other kinds are refused before anything is done', async () => {
  const root = tempFolder();
  const refusal = (path: string) =>
    openMlflowSource(path, { ...problemList(), cwd: root }).catch((error) => error.code);
  writeFileSync(join(root, 'text.db'), 'hello');
  writeFileSync(join(root, 'broken.db'), `SQLite format 3\0${'x'.repeat(5000)}`);
  new Database(join(root, 'other.db')).exec('CREATE TABLE a (b)');
  expect(await refusal('text.db')).toBe('MOVE_SOURCE_UNKNOWN');
  expect(await refusal('broken.db')).toBe('MOVE_SOURCE_UNREADABLE');
  expect(await refusal('other.db')).toBe('MOVE_SOURCE_UNKNOWN');
  expect(await refusal('absent.db')).toBe('MOVE_SOURCE_UNREADABLE');
  expect(await refusal('postgresql://x/y')).toBe('MOVE_SOURCE_UNKNOWN');
});

test('a view in the place of a table is not asked', async () => {
  const { root, path } = database('2');
  const db = new Database(path);
  db.exec(
    'DROP TABLE metrics; CREATE VIEW metrics AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n',
  );
  db.close();
  await expect(openMlflowSource(path, { ...problemList(), cwd: root })).rejects.toMatchObject({
    code: 'MOVE_SOURCE_UNKNOWN',
  });
});
