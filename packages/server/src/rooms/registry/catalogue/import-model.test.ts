import { afterEach, beforeEach, expect, test } from 'vitest';
import { context, LOGGED, openCatalogue } from './catalogue.fixture.js';
import type { ImportedModel, ImportedVersion } from './import-types.js';

let room: Awaited<ReturnType<typeof openCatalogue>>;
beforeEach(async () => {
  room = await openCatalogue();
});
afterEach(() => room.dispose());

const version = (number: number, more: Partial<ImportedVersion> = {}): ImportedVersion => ({
  version: number,
  source: 'artifacts:/0/run1/artifacts/model',
  runId: 'run1',
  loggedModelId: null,
  description: `text ${number}`,
  link: '',
  stage: 'None',
  lifecycle: 'active',
  tags: { q: '1' },
  createdAtMs: 100 + number,
  updatedAtMs: 200 + number,
  ...more,
});
const model = (more: Partial<ImportedModel> = {}): ImportedModel => ({
  name: 'rain',
  description: 'Predicts rain',
  tags: { owner: 'ops' },
  aliases: { champion: 3 },
  versions: [
    version(1, { stage: 'Archived' }),
    version(2, { lifecycle: 'deleted', source: '' }),
    version(3, { stage: 'Production' }),
  ],
  createdAtMs: 50,
  updatedAtMs: 300,
  ...more,
});

test('numbers, stages, aliases and times are kept, and the number of a deleted version stays taken', async () => {
  const { catalogue } = room;
  const verdict = await catalogue.importModel(context, model(), { check: false });
  expect(verdict).toEqual({
    outcome: 'made',
    problems: [],
    versions: [1, 2, 3].map((number) => ({ version: number, outcome: 'made', problems: [] })),
  });
  expect(await catalogue.record('rain')).toMatchObject({
    description: 'Predicts rain',
    tags: { owner: 'ops' },
    aliases: { champion: 3 },
    createdAtMs: 50,
    updatedAtMs: 300,
  });
  expect(await catalogue.versionRecord('rain', 3)).toMatchObject({
    stage: 'Production',
    runId: 'run1',
    createdAtMs: 103,
    updatedAtMs: 203,
  });
  await expect(catalogue.versionRecord('rain', 2)).rejects.toMatchObject({ code: 'REG_VERSION_NOT_FOUND' });
  expect((await catalogue.standingAt('rain', 'Production', 250)).map((one) => one.version)).toEqual([3]);
  const next = await catalogue.createVersion(context, { model: 'rain', source: 'artifacts:/0/run1/artifacts/model' });
  expect(next.version).toBe(4);
});

test('sent again it changes nothing, and what stands here otherwise is told', async () => {
  const { catalogue } = room;
  await catalogue.importModel(context, model(), { check: false });
  const again = await catalogue.importModel(context, model(), { check: true });
  expect([again.outcome, again.problems, again.versions.flatMap(({ problems }) => problems)]).toEqual([
    'found',
    [],
    [],
  ]);
  const other = model({
    aliases: { champion: 1, fresh: 9 },
    versions: [version(3, { stage: 'Staging' })],
    tags: { owner: 'me' },
  });
  const told = await catalogue.importModel(context, other, { check: false });
  expect(told.problems).toEqual([
    'tag "owner" has another value here',
    'alias champion stands at 3 here and at 1 there',
    'alias fresh stands at version 9, which is not here',
  ]);
  expect(told.versions).toEqual([
    { version: 3, outcome: 'found', problems: ['stage is Production here and Staging there'] },
  ]);
  expect((await catalogue.record('rain')).aliases).toEqual({ champion: 3 });
});

test('copies and logged models follow what they were made of; a source of elsewhere is refused alone', async () => {
  const { catalogue } = room;
  const verdict = await catalogue.importModel(
    context,
    model({
      aliases: {},
      versions: [version(1), version(5, { source: `logged-model:${LOGGED}` }), version(6, { source: 's3://others/x' })],
    }),
    { check: false },
  );
  expect(verdict.versions.map(({ outcome }) => outcome)).toEqual(['made', 'made', 'refused']);
  const copy = model({ name: 'copied', aliases: {}, versions: [version(2, { source: 'model:rain/1', runId: null })] });
  expect((await catalogue.importModel(context, copy, { check: false })).versions).toMatchObject([{ outcome: 'made' }]);
  expect(await catalogue.versionRecord('copied', 2)).toMatchObject({ filesRoot: 'artifacts:/0/run1/artifacts/model' });
  expect(await catalogue.importModel(context, model({ name: 'a/b' }), { check: false })).toMatchObject({
    outcome: 'refused',
  });
  expect(await catalogue.importModel(context, model({ name: 'absent' }), { check: true })).toMatchObject({
    outcome: 'absent',
  });
});

test('a record that has one number twice is refused whole', async () => {
  const { catalogue } = room;
  const twice = model({ versions: [version(1), version(2), version(2)] });
  expect(await catalogue.importModel(context, twice, { check: false })).toMatchObject({
    outcome: 'refused',
    problems: ['version 2 is in the record twice'],
  });
  await expect(catalogue.record('rain')).rejects.toMatchObject({ code: 'REG_MODEL_NOT_FOUND' });
});
