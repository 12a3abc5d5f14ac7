import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportMlruns } from './export-mlruns.js';
import { openFolderSource } from './folder-source.js';
import {
  MODEL_ID,
  problemList,
  RUN_ID,
  readWhole,
  tempFolder,
  writeDatabase,
  writeFiles,
  writeMlruns,
} from './move.fixture.js';
import { openSqliteSource } from './sqlite-source.js';
import { writeMeta } from './write-meta.js';

test('what is written as a folder store reads back as it was', async () => {
  const [root, out] = [tempFolder(), join(tempFolder(), 'out')];
  writeMlruns(root);
  const source = await openFolderSource(root, problemList());
  const summary = await exportMlruns(source, out);
  expect(summary).toMatchObject({
    counts: { experiments: 3, runs: 1, points: 5, files: 3, loggedModels: 1, models: 1, versions: 2 },
    problems: [],
  });
  const told = problemList();
  const written = await openFolderSource(out, told);
  const before = await readWhole(source);
  const after = await readWhole(written);
  expect(after.experiments).toEqual(before.experiments);
  const [version] = after.models[0]?.versions.filter(({ version }) => version === 3) ?? [];
  expect(version?.source).toBe(`file://${out}/272820270892047914/${RUN_ID}/artifacts/plots`);
  expect(told.problems).toEqual([]);
  await expect(exportMlruns(source, out)).rejects.toMatchObject({ code: 'MOVE_TARGET_TAKEN' });
});

test('a database becomes a folder store; the files of copies and logged models are found', async () => {
  const [root, out] = [tempFolder(), join(tempFolder(), 'out')];
  const path = join(root, 'mlflow.db');
  writeDatabase(path, '3');
  writeFiles(root, {
    [`mlartifacts/1/${RUN_ID}/artifacts/plots/rain.txt`]: 'rain',
    [`mlartifacts/1/models/${MODEL_ID}/artifacts/MLmodel`]: 'flavors: {}\n',
  });
  const { default: Database } = await import('libsql');
  const db = new Database(path);
  db.exec(`INSERT INTO registered_models (name) VALUES ('a copy');
    INSERT INTO model_versions (name, version, current_stage, source) VALUES ('a copy', 1, 'None', 'models:/rain/3'), ('a copy', 2, 'None', 'models:/${MODEL_ID}');
    INSERT INTO metrics VALUES ('a', 1, 1, '${RUN_ID}', 1, 0), ('a/b', 1, 1, '${RUN_ID}', 1, 0);`);
  db.close();
  const source = await openSqliteSource(path, problemList());
  const { problems } = await exportMlruns(source, out);
  await source.close();
  // A file cannot be a folder too: the layout cannot hold both metrics, and says so.
  expect(problems.map(({ code }) => code)).toEqual(['MOVE_PATH_REFUSED']);
  const { models, experiments } = await readWhole(await openFolderSource(out, problemList()));
  expect(models.flatMap(({ versions }) => versions.map((v) => [v.source, v.filesRoot]))).toEqual([
    ['models:/rain/3', `file://${out}/1/${RUN_ID}/artifacts/plots`],
    [`models:/${MODEL_ID}`, `file://${out}/1/models/${MODEL_ID}/artifacts`],
    ['', ''],
    [`file://${out}/1/${RUN_ID}/artifacts/plots`, `file://${out}/1/${RUN_ID}/artifacts/plots`],
  ]);
  expect(experiments[1]?.runs.map(({ lifecycle }) => lifecycle)).toEqual(['deleted', 'active']);
});

test('texts that other readers of YAML would take for something else stay what they are', () => {
  const folder = tempFolder();
  const texts = {
    a: 'no',
    b: '1:20',
    c: '\u2028\u0085\u007f "x"',
    d: 'null',
    e: '',
    f: '2026-01-01',
    g: '\ud83d\ude00',
  };
  const text = writeMeta({ ...texts, n: null, i: 5, m: { 'k: 1': 'v' } });
  writeFileSync(join(folder, 'meta.yaml'), text);
  expect(readFileSync(join(folder, 'meta.yaml'), 'utf8')).not.toMatch(/[\u007f-\u009f\u2028]/);
  expect(
    JSON.parse(
      `{${text
        .trim()
        .split('\n')
        .map((line) => line.replace(/^(\w+):/, '"$1":'))
        .join(',')}}`,
    ),
  ).toEqual({
    ...texts,
    n: null,
    i: 5,
    m: { 'k: 1': 'v' },
  });
});
