import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLedger } from '../../../platform/db/index.js';
import { aVersion } from '../registry-testing.js';
import { context, LOGGED, openCatalogue } from './catalogue.fixture.js';

const SKLEARN =
  'flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n  sklearn: {pickled_model: model.pkl}\n';

describe('the catalogue of models', () => {
  let world: Awaited<ReturnType<typeof openCatalogue>>;
  beforeAll(async () => {
    world = await openCatalogue();
    world.content.set('0/run1/artifacts/model/MLmodel', SKLEARN);
    world.content.set('0/run1/artifacts/model/model.pkl', 'a pickle');
    world.content.set(`0/models/${LOGGED}/artifacts/MLmodel`, SKLEARN);
  });
  afterAll(() => world.dispose());
  const make = (name: string) => world.catalogue.createModel(context, { name });
  const version = (model: string, source = 'artifacts:/0/run1/artifacts/model', more = {}) =>
    world.catalogue.createVersion(context, { model, source, ...more });

  it('takes names that people write, and refuses what cannot be told from another one', async () => {
    for (const name of ['Regen über Kiel', 'rain 50 %', '雨', 'a.b', 'x'.repeat(256)]) {
      expect((await make(name)).name).toBe(name);
      expect((await world.catalogue.record(name)).name).toBe(name);
    }
    for (const name of ['REGEN ÜBER KIEL', 'regen u\u0308ber kiel', 'Regen%20über Kiel', '\u96e8']) {
      await expect(make(name), name).rejects.toMatchObject({ code: 'REG_MODEL_EXISTS' });
    }
    for (const name of [
      '',
      ' ',
      'a/b',
      'a:b',
      'a%2Fb',
      'a%252Fb',
      'a\\b',
      '..',
      '%2e%2e',
      'a\u0000',
      'a\u202e',
      'x'.repeat(257),
    ]) {
      await expect(make(name), name).rejects.toMatchObject({ code: 'REG_MODEL_NAME_INVALID' });
    }
  });

  it('records a version that it cannot serve, with its flavours and the reason', async () => {
    await make('rain');
    const made = await version('rain', 'artifacts:/0/run1/artifacts/model', {
      runId: 'run1',
      tags: { team: 'port' },
      description: 'first',
    });
    expect(made).toMatchObject({
      version: 1,
      filesRoot: 'artifacts:/0/run1/artifacts/model',
      flavours: ['python_function', 'sklearn'],
      servable: 'no',
      packaged: null,
      stage: 'None',
      createdBy: 'ann',
    });
    expect(made.notServable).toContain('sklearn');
    expect(world.edges.at(-1)).toMatchObject({ from: { kind: 'run', id: 'run1' }, to: { id: 'rain/1' } });
    await expect(world.service.version('rain', 1)).rejects.toMatchObject({
      code: 'REG_NOT_SERVABLE',
      remedy: expect.stringContaining('convert'),
    });
    expect(await world.service.versions('rain')).toEqual([]);
  });

  it('follows logged models and copies to their files', async () => {
    expect(await version('rain', `logged-model:${LOGGED}`)).toMatchObject({
      version: 2,
      source: `logged-model:${LOGGED}`,
      filesRoot: `artifacts:/0/models/${LOGGED}/artifacts`,
      loggedModelId: LOGGED,
      runId: 'run1',
    });
    await make('rain copy');
    expect(await version('rain copy', 'model:rain/latest')).toMatchObject({
      version: 1,
      source: 'model:rain/2',
      filesRoot: `artifacts:/0/models/${LOGGED}/artifacts`,
      flavours: ['python_function', 'sklearn'],
    });
    await expect(version('rain copy', 'model:rain/9')).rejects.toMatchObject({ code: 'REG_VERSION_NOT_FOUND' });
    expect(await version('rain', 's3://models/port/rain/1')).toMatchObject({ flavours: [], servable: 'no' });
  });

  it('refuses every source that is no folder of ours and not allowed, prompt or not', async () => {
    const sources = [
      '',
      '/etc/passwd',
      'etc/passwd',
      './x',
      'file:///etc/passwd',
      'FILE:///etc/passwd',
      'C:\\windows',
      'c:/windows',
      '\\\\host\\share',
      'http://10.0.0.1/x',
      'https://example.com/m',
      's3://models/portable/x',
      's3://models/port/../x',
      's3://models/port/%2e%2e/x',
      's3://models/port/%252e%252e/x',
      's3://models/port/x#y',
      's3://models/port/x?y',
      's3://models/port/x;y',
      's3://models/port/x%23y',
      'artifacts:/0/run1/artifacts/../../run2/artifacts/model',
      'artifacts:/0/run1/artifacts/%2e%2e/x',
      'artifacts:/0/run1/artifacts//model',
      'artifacts:/0/run1/artifacts/a\\b',
      'artifacts:/0/run1/artifacts/a;b',
      'artifacts:/0/run1',
      'artifacts:/0/run2/artifacts/model',
      'artifacts:/1/run1/artifacts/model',
      'artifacts://host/0/run1/artifacts/model',
      'artifacts:/',
      'artifacts:0/run1/artifacts',
      'model:rain',
      'model:rain/1/2',
      'logged-model:m-1',
      'a'.repeat(3_000),
    ];
    for (const source of sources) {
      const tags = { 'mlflow.prompt.is_prompt': 'true' };
      await expect(version('rain', source, { tags }), source).rejects.toMatchObject({ code: 'REG_SOURCE_REFUSED' });
    }
  });

  it('gives a retry what the first request made, and another request a version of its own', async () => {
    await make('retried');
    const first = await version('retried', undefined, { retryKey: 'k1' });
    expect(await version('retried', undefined, { retryKey: 'k1' })).toEqual(first);
    expect((await version('retried')).version).toBe(2);
  });

  it('moves versions through stages and knows later what stood where', async () => {
    const { catalogue, clock, service } = world;
    await make('stages');
    for (let at = 0; at < 3; at += 1) await version('stages');
    const stage = (number: number, name: 'Production' | 'Archived', archiveExisting = false) =>
      catalogue.setStage(context, 'stages', number, name, { archiveExisting });
    const times: number[] = [];
    const step = async (work: () => Promise<unknown>) => {
      clock.advance(10);
      await work();
      times.push(clock.nowMs());
    };
    await step(() => stage(1, 'Production'));
    await step(() => stage(2, 'Production', true));
    await step(() => service.setAlias(context, 'stages', { name: 'champion', version: 2 }));
    await step(() => service.setAlias(context, 'stages', { name: 'champion', version: 3 }));
    await step(() => catalogue.deleteVersion(context, 'stages', 3));
    const at = async (name: string, time: number) =>
      (await catalogue.standingAt('stages', name, time)).map((found) => found.version);
    const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = times;
    expect(await at('Production', first - 1)).toEqual([]);
    expect(await at('Production', first)).toEqual([1]);
    expect(await at('Production', second)).toEqual([2]);
    expect(await at('Archived', second)).toEqual([1]);
    expect(await at('None', first)).toEqual([3, 2]);
    expect(await at('champion', third)).toEqual([2]);
    expect(await at('champion', fourth)).toEqual([3]);
    expect(await at('champion', fifth)).toEqual([]);
    const history = (await catalogue.history('stages')).map((one) => `${one.what} ${one.name} ${one.version}`);
    expect(history).toEqual([
      'stage Production 1',
      'stage Archived 1',
      'stage Production 2',
      'alias champion 2',
      'alias champion 3',
      'alias champion null',
    ]);
    await expect(stage(1, 'Archived', true)).rejects.toMatchObject({ code: 'REG_STAGE_INVALID' });
    expect((await catalogue.latestByStage('stages', ['Production'])).map((one) => one.version)).toEqual([2]);
    await catalogue.deleteModel(context, 'stages');
    expect(await at('Production', second)).toEqual([2]);
    expect(await catalogue.history('stages')).toHaveLength(history.length);
    await expect(catalogue.record('stages')).rejects.toMatchObject({ code: 'REG_MODEL_NOT_FOUND' });
    await make('stages');
    expect((await version('stages')).version).toBe(1);
    expect(await at('Production', second)).toEqual([2]);
  });

  it('never numbers anything like a packaged version of a deleted model of that name', async () => {
    const { catalogue, service, objects } = world;
    const { digest, sizeBytes } = await objects.putBytes(new TextEncoder().encode('onnx'));
    const files = [{ path: 'model.onnx', digest, sizeBytes }];
    await service.register(context, { ...aVersion({ model: 'reused', digest }), files });
    await catalogue.deleteModel(context, 'reused');
    await make('reused');
    expect((await version('reused')).version).toBe(2);
    await expect(service.version('reused', 1)).rejects.toMatchObject({ code: 'REG_VERSION_NOT_FOUND' });
  });

  it('renames a model with everything that is its own, unless something stands on its name', async () => {
    const { catalogue, service, uses } = world;
    await make('old');
    await version('old', undefined, { tags: { a: '1' } });
    await service.setAlias(context, 'old', { name: 'champion', version: 1 });
    await expect(catalogue.renameModel(context, 'old', 'rain')).rejects.toMatchObject({ code: 'REG_MODEL_EXISTS' });
    await expect(catalogue.renameModel(context, 'old', 'Rain')).rejects.toMatchObject({ code: 'REG_MODEL_EXISTS' });
    uses.push({ version: 1, what: 'version 1 on endpoint e in production' });
    for (const attempt of [
      () => catalogue.renameModel(context, 'old', 'new'),
      () => catalogue.deleteModel(context, 'old'),
      () => catalogue.deleteVersion(context, 'old', 1),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'REG_MODEL_IN_USE' });
    }
    uses.length = 0;
    expect((await catalogue.renameModel(context, 'old', 'Old')).name).toBe('Old');
    const renamed = await catalogue.renameModel(context, 'Old', 'new');
    expect(renamed).toMatchObject({ name: 'new', aliases: { champion: 1 } });
    expect(await catalogue.versionRecord('new', 'champion')).toMatchObject({ model: 'new', tags: { a: '1' } });
    expect(await catalogue.history('new')).toHaveLength(1);
    await expect(catalogue.versionRecord('old', 1)).rejects.toMatchObject({ code: 'REG_MODEL_NOT_FOUND' });
    expect((await make('old')).latest).toEqual([]);
  });

  it('changes texts and tags, refuses what cannot be stored, and tells every change to the ledger', async () => {
    const { catalogue, db } = world;
    await catalogue.createModel(context, { name: 'told', tags: { a: '1' }, description: 'x' });
    await catalogue.updateModel(context, 'told', { description: 'y', tags: { a: null, b: '2' } });
    await version('told');
    await catalogue.updateVersion(context, 'told', 1, { description: 'v', tags: { c: '3' } });
    await catalogue.deleteVersion(context, 'told', 1);
    expect((await catalogue.record('told')).tags).toEqual({ b: '2' });
    const types: string[] = [];
    for (let afterSeq = 0; ; ) {
      const events = await readLedger(db, { afterSeq, limit: 500 });
      types.push(...events.filter(({ subject }) => subject.id.startsWith('told')).map(({ type }) => type));
      if (events.length < 500) break;
      afterSeq = events.at(-1)?.seq ?? 0;
    }
    expect(types.map((type) => type.slice('registry.'.length))).toEqual([
      'model-created',
      'model-changed',
      'version-registered',
      'version-tagged',
      'version-described',
      'version-deleted',
    ]);
    const tags = { ['k'.repeat(251)]: 'x' };
    await expect(catalogue.updateModel(context, 'told', { tags })).rejects.toMatchObject({ code: 'REG_TAG_INVALID' });
    await expect(catalogue.updateModel(context, 'told', { tags: { a: 'x\0' } })).rejects.toMatchObject({
      code: 'REG_TAG_INVALID',
    });
    await expect(catalogue.updateModel(context, 'told', { description: 'x'.repeat(100_001) })).rejects.toMatchObject({
      code: 'REG_TEXT_INVALID',
    });
  });
});
