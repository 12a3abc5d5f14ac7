import { newId, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, Reader, RoomMigrations, Tx } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import type { SearchRequest } from '../../platform/search/index.js';
import type { ModelField, VersionField } from './catalogue/catalogue-types.js';
import { registryMigrations } from './registry-migrations.js';
import type { NewStoredVersion, RegistryStore, StoredModel, StoredVersion } from './registry-store.js';
import { aVersion } from './registry-testing.js';

/** What every store of models must do, whichever database it stands on. */
export function describeRegistryStore(
  engine: string,
  { open, store }: { open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>; store: RegistryStore },
): void {
  describe(`the registry's store on ${engine}`, () => {
    let test: TestDb;
    let db: Db;
    beforeAll(async () => {
      test = await open([registryMigrations]);
      db = test.db;
    });
    afterAll(() => test.dispose());
    const write = <T>(work: (tx: Tx & Reader) => Promise<T>) => db.transact({ actor: systemActor }, work);
    const model = async (name: string) => (await store.model(db, name)) as StoredModel;
    const addModel = (name: string, change: Partial<Parameters<RegistryStore['insertModel']>[1]> = {}) =>
      write((tx) =>
        store.insertModel(tx, {
          id: newId(),
          name,
          description: '',
          highestVersion: 0,
          tags: {},
          atMs: 5,
          by: 'ann',
          ...change,
        }),
      );
    const add = (name: string, change: Partial<NewStoredVersion> = {}) =>
      write(async (tx) => {
        const { id: modelId } = (await store.model(tx, name)) as StoredModel;
        const version = await store.takeVersionNumber(tx, modelId, 6);
        await store.insertVersion(tx, { ...aRecord(), modelId, version, ...change });
        return (await store.version(tx, modelId, version)) as StoredVersion;
      });

    it('numbers the versions of each model from 1, also when writers meet', async () => {
      await addModel('rain');
      await addModel('snow');
      const digests = ['a', 'b', 'c', 'd'];
      await Promise.all(digests.map((digest) => add('rain', { package: { ...aPackage(), digest } })));
      const numbers = (await store.versions(db, (await model('rain')).id)).map(({ version }) => version);
      expect(numbers).toEqual([4, 3, 2, 1]);
      expect((await add('snow')).version).toBe(1);
      expect((await store.models(db)).map(({ name, latestVersion }) => [name, latestVersion])).toEqual([
        ['rain', 4],
        ['snow', 1],
      ]);
    });

    it('gives back a version as it was put', async () => {
      await addModel('fog', { tags: { team: 'port', ['__proto__']: 'x' }, description: 'Nebel' });
      const content = { ...aPackage(), digest: 'f' };
      const put = { ...aRecord(), package: content, tags: { ['__proto__']: 'y', a: '1' }, flavours: ['onnx', 'x'] };
      const { tags, ...rest } = await add('fog', put);
      expect(Object.entries(tags)).toEqual([
        ['__proto__', 'y'],
        ['a', '1'],
      ]);
      expect(rest).toMatchObject({
        model: 'fog',
        package: content,
        flavours: ['onnx', 'x'],
        runId: 't1',
        stage: 'None',
      });
      expect(await store.versionById(db, rest.id)).toEqual({ ...rest, tags });
      const fog = await model('fog');
      expect(Object.entries(fog.tags)).toEqual([
        ['__proto__', 'x'],
        ['team', 'port'],
      ]);
      expect(await store.version(db, fog.id, 2)).toBeUndefined();
      const key = { modelId: fog.id, digest: 'f', trackingRunId: content.source.trackingRunId };
      expect((await store.sameVersion(db, key))?.version).toBe(1);
      expect(await store.sameVersion(db, { ...key, trackingRunId: 'other' })).toBeUndefined();
      expect(await store.sameVersion(db, { ...key, trackingRunId: null })).toBeUndefined();
    });

    it('says which runs and logged models an active version comes from or has its files in', async () => {
      await addModel('graupel');
      const root = (id: string) => ({ id, artifactRoot: `artifacts:/1/${id}/artifacts` });
      await add('graupel', { runId: 'ru', loggedModelId: null, filesRoot: `${root('ru').artifactRoot}/model` });
      await add('graupel', { runId: 'other', loggedModelId: 'm-l', filesRoot: `${root('rx').artifactRoot}/model` });
      const deleted = await add('graupel', { runId: 'rd', loggedModelId: null, filesRoot: 's3://b/x' });
      await write((tx) => store.changeVersion(tx, deleted.id, { deletedAtMs: 1, atMs: 1 }));
      const owners = ['ru', 'm-l', 'rx', 'r', 'rd', 'none'].map(root);
      expect(Object.fromEntries(await store.versionsOfOwners(db, owners))).toEqual({
        ru: 'model version graupel/1',
        'm-l': 'model version graupel/2',
        rx: 'model version graupel/2',
      });
    });

    it('remembers every move of an alias and every stage', async () => {
      const { id: modelId } = await model('rain');
      const move = (version: number | null, atMs: number) =>
        write((tx) => store.setAlias(tx, { modelId, alias: 'champion', version, atMs, by: 'ann' }));
      await move(1, 10);
      await move(2, 20);
      expect((await model('rain')).aliases).toEqual({ champion: 2 });
      expect((await store.version(db, modelId, 2))?.aliases).toEqual(['champion']);
      await move(null, 30);
      await write((tx) =>
        store.addStanding(tx, modelId, [{ what: 'stage', name: 'Staging', version: 3, atMs: 25, by: 'bob' }]),
      );
      expect((await model('rain')).aliases).toEqual({});
      expect((await store.history(db, [modelId])).map(({ what, version, atMs }) => [what, version, atMs])).toEqual([
        ['alias', 1, 10],
        ['alias', 2, 20],
        ['stage', 3, 25],
        ['alias', null, 30],
      ]);
    });

    it('frees the name of a deleted model and keeps what it was', async () => {
      await addModel('haze', { id: 'h1' });
      await add('haze', { package: aPackage() });
      expect(await addModel('HAZE')).toBe(false);
      expect(await addModel('ｈａｚｅ')).toBe(false);
      expect(await store.nameOfSameKey(db, 'Haze')).toBe('haze');
      await write((tx) => store.changeModel(tx, 'h1', { deletedAtMs: 50, atMs: 50 }));
      expect(await store.model(db, 'haze')).toBeUndefined();
      expect(await store.highestPackaged(db, 'haze')).toBe(1);
      expect(await addModel('haze', { id: 'h2', highestVersion: 1 })).toBe(true);
      expect((await store.modelsEver(db, 'haze')).map(({ id }) => id).sort()).toEqual(['h1', 'h2']);
      expect((await add('haze')).version).toBe(2);
      expect((await store.versionsEver(db, 'h1')).map(({ deletedAtMs }) => deletedAtMs)).toEqual([50]);
      await write((tx) => store.changeModel(tx, 'h2', { name: 'mist', atMs: 51 }));
      expect((await model('mist')).id).toBe('h2');
    });

    it('changes what is given and nothing else', async () => {
      await addModel('hail');
      const { id, modelId } = await add('hail', { tags: { a: '1', b: '2' }, retryKey: 'r1' });
      const change = { tags: { a: null, c: '3' }, description: 'big', stage: 'Staging' as const, atMs: 60 };
      await write((tx) => store.changeVersion(tx, id, change));
      expect(await store.version(db, modelId, 1)).toMatchObject({
        tags: { b: '2', c: '3' },
        description: 'big',
        stage: 'Staging',
        servable: 'no',
        updatedAtMs: 60,
      });
      expect((await store.versionOfRetry(db, modelId, 'r1'))?.id).toBe(id);
      await write((tx) => store.setCardTexts(tx, id, { 'Intended use/Purpose': 'plan' }));
      expect(await store.cardTexts(db, modelId, 1)).toEqual({ 'Intended use/Purpose': 'plan' });
    });

    it('finds the newest version of each stage', async () => {
      await addModel('dew');
      for (const stage of ['Staging', 'None', 'Staging', 'None'] as const) {
        const { id } = await add('dew');
        await write((tx) => store.changeVersion(tx, id, { stage, atMs: 7 }));
      }
      const latest = await store.latestByStage(db, [(await model('dew')).id]);
      expect(latest.map(({ stage, version }) => [stage, version])).toEqual([
        ['None', 4],
        ['Staging', 3],
      ]);
      expect(await store.latestByStage(db, [])).toEqual([]);
    });

    describe('searching', () => {
      beforeAll(async () => {
        const tags = (value: string) => ({ tags: { prompt: value } });
        for (const [at, name] of ['s Über', 's a', 's B', 's c%', 's ç'].entries()) {
          await addModel(name, { atMs: 100 + (at % 2), ...(at === 1 ? tags('true') : at === 2 ? tags('false') : {}) });
          await add(name, { runId: at % 2 === 0 ? null : `run-${at}`, tags: { n: String(at) }, createdAtMs: 200 + at });
          if (at === 0) await add(name, { source: 'artifacts:/x', createdAtMs: 200 });
        }
      });
      const models = async (request: Partial<SearchRequest<ModelField>>) => {
        const where = [{ field: 'name' as const, comparison: 'like' as const, value: 's %' }, ...(request.where ?? [])];
        const page = await store.searchModels(db, { limit: 10, ...request, where });
        return { names: page.items.map(({ name }) => name), next: page.nextPageToken };
      };
      const versions = async (request: Partial<SearchRequest<VersionField>>) => {
        const where = [{ field: 'name' as const, comparison: 'like' as const, value: 's %' }, ...(request.where ?? [])];
        const page = await store.searchVersions(db, { limit: 10, ...request, where });
        return { found: page.items.map(({ model: of, version }) => `${of}/${version}`), next: page.nextPageToken };
      };

      it('orders names by their bytes and pages without a gap', async () => {
        const all = ['s B', 's a', 's c%', 's ç', 's Über'].sort((a, b) =>
          Buffer.compare(Buffer.from(a), Buffer.from(b)),
        );
        expect((await models({})).names).toEqual(all);
        const seen: string[] = [];
        let pageToken: string | undefined;
        const orderBy = [{ field: 'createdAt' as const, direction: 'desc' as const }];
        do {
          const page = await models({ limit: 2, orderBy, ...(pageToken !== undefined && { pageToken }) });
          seen.push(...page.names);
          pageToken = page.next ?? undefined;
        } while (pageToken !== undefined);
        expect(seen).toHaveLength(5);
        expect(new Set(seen)).toEqual(new Set(all));
      });

      it('finds by tags, also things that lack the tag when told so', async () => {
        const where = (orMissing: boolean) => [
          { field: 'tag' as const, key: 'prompt', comparison: '!=' as const, value: 'true', orMissing },
        ];
        expect((await models({ where: where(false) })).names).toEqual(['s B']);
        expect((await models({ where: where(true) })).names).toHaveLength(4);
        expect((await models({ where: [{ field: 'name', comparison: 'ilike', value: 'S B' }] })).names).toEqual([
          's B',
        ]);
        expect((await models({ where: [{ field: 'name', comparison: 'like', value: 'S B' }] })).names).toEqual([]);
      });

      it('finds versions by their facts, newest first within a model', async () => {
        const by = (
          field: VersionField,
          comparison: '=' | '>' | 'in',
          value: string | number | string[],
          key?: string,
        ) => versions({ where: [{ field, comparison, value, ...(key !== undefined && { key }) }] });
        expect((await by('runId', 'in', ['run-1', 'run-3', 'none'])).found).toEqual(['s a/1', 's c%/1']);
        expect((await by('name', '=', 's Über')).found).toEqual(['s Über/2', 's Über/1']);
        expect((await by('version', '>', 1)).found).toEqual(['s Über/2']);
        expect((await by('source', '=', 'artifacts:/x')).found).toEqual(['s Über/2']);
        expect((await by('tag', '=', '2', 'n')).found).toEqual(['s B/1']);
        expect((await by('createdAt', '>', 202)).found.length).toBe(2);
        const { id: modelId } = await model('s B');
        await write((tx) => store.setAlias(tx, { modelId, alias: 'best', version: 1, atMs: 1, by: 'ann' }));
        expect((await by('alias', '=', 'best')).found).toEqual(['s B/1']);
        await write((tx) => store.changeModel(tx, modelId, { deletedAtMs: 300, atMs: 300 }));
        expect((await versions({ lifecycle: 'deleted' })).found).toEqual(['s B/1']);
        expect((await versions({})).found).toHaveLength(5);
      });

      it('refuses what it does not know', async () => {
        const token = (await models({ limit: 1 })).next ?? '';
        await expect(models({ limit: 1, pageToken: `${token}x` })).rejects.toMatchObject({
          code: 'SEARCH_PAGE_TOKEN_INVALID',
        });
        await expect(models({ orderBy: [{ field: 'tag', key: 'x', direction: 'asc' }] })).rejects.toMatchObject({
          code: 'SEARCH_INVALID',
        });
        await expect(versions({ where: [{ field: 'version', comparison: '=', value: 'x' }] })).rejects.toMatchObject({
          code: 'SEARCH_INVALID',
        });
      });
    });
  });
}

function aPackage(): NonNullable<NewStoredVersion['package']> {
  const { model: _m, version: _v, tags: _t, createdAtMs: _c, createdBy: _b, ...content } = aVersion();
  return content;
}

function aRecord(): Omit<NewStoredVersion, 'modelId' | 'version'> {
  return {
    id: newId(),
    source: 'artifacts:/0/t1/artifacts/model',
    filesRoot: 'artifacts:/0/t1/artifacts/model',
    runId: 't1',
    loggedModelId: null,
    flavours: ['sklearn'],
    description: '',
    link: '',
    tags: {},
    servable: 'no',
    notServable: 'its flavours are sklearn',
    package: null,
    retryKey: null,
    createdAtMs: 5,
    createdBy: 'ann',
  };
}
