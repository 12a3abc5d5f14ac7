import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDb, type RoomMigrations } from '../../platform/db/index.js';
import { openTestSqlite, type TestDb } from '../../platform/db/testing.js';
import { registryMigrations } from './registry-migrations.js';
import { sqlRegistryStore as store } from './registry-store.sql.js';
import { aVersion } from './registry-testing.js';

const before: RoomMigrations = { ...registryMigrations, migrations: registryMigrations.migrations.slice(0, 1) };

describe('a registry of before records', () => {
  let test: TestDb;
  beforeAll(async () => {
    test = await openTestSqlite([before]);
  });
  afterAll(() => test.dispose());

  it('keeps models, versions, tags, card texts, aliases and their history', async () => {
    const { files, signature, parity, source, reportDigest, profileDigest, digest } = aVersion();
    const sql = test.db.sql<Record<string, Record<string, unknown>>>();
    for (const name of ['rain', 'Rain', 'empty']) {
      const row = {
        name,
        description: `${name}!`,
        next_version: name === 'empty' ? 1 : 3,
        created_at_ms: 7,
        created_by: 'ann',
      };
      await sql.insertInto('registry_model').values(row).execute();
    }
    const version = {
      model: 'rain',
      version: 2,
      digest,
      tracking_run_id: 't1',
      body: JSON.stringify({ files, signature, parity, source, reportDigest, profileDigest }),
      tags: '{"team":"port"}',
      card_texts: '{"Intended use/Purpose":"plan"}',
      created_at_ms: 8,
      created_by: 'bob',
    };
    await sql.insertInto('registry_version').values(version).execute();
    await sql.insertInto('registry_alias').values({ model: 'rain', alias: 'champion', version: 2 }).execute();
    const move = { id: 'a1', model: 'rain', alias: 'champion', version: 2, at_ms: 9, by: 'bob' };
    await sql.insertInto('registry_alias_history').values(move).execute();
    await test.db.close();

    const db = await openDb({ url: test.url, rooms: [registryMigrations] });
    try {
      const models = await store.models(db);
      expect(models.map(({ name, latestVersion }) => [name, latestVersion])).toEqual([
        ['Rain', null],
        ['empty', null],
        ['rain', 2],
      ]);
      const rain = models.find(({ name }) => name === 'rain');
      expect(rain).toMatchObject({ description: 'rain!', aliases: { champion: 2 }, createdBy: 'ann', createdAtMs: 7 });
      const [kept] = await store.versions(db, rain?.id ?? '', { packaged: true });
      expect(kept).toMatchObject({
        version: 2,
        tags: { team: 'port' },
        package: { digest, files, signature, parity, source, reportDigest, profileDigest },
        servable: 'yes',
        stage: 'None',
        runId: 't1',
        createdBy: 'bob',
        aliases: ['champion'],
      });
      expect(await store.cardTexts(db, rain?.id ?? '', 2)).toEqual({ 'Intended use/Purpose': 'plan' });
      expect(await store.history(db, [rain?.id ?? ''])).toMatchObject([
        { what: 'alias', name: 'champion', version: 2 },
      ]);
      const next = await db.transact({ actor: { kind: 'system', id: 'x', roles: [], authenticated: true } }, (tx) =>
        store.takeVersionNumber(tx, rain?.id ?? '', 10),
      );
      expect(next).toBe(3);
    } finally {
      await db.close();
    }
  });
});
