import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RoomMigrations, readLedger } from '../db/index.js';
import type { TestDb } from '../db/testing.js';
import { createIdentity, type Identity, identityMigrations } from './index.js';

const DAY_MS = 86_400_000;
const context = { actor: systemActor, requestId: 'r1' };

/** People, tokens and their life on one engine. */
export function describeIdentity(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`identity on ${engine}`, () => {
    const home = join(mkdtempSync(join(tmpdir(), 'fairlead-identity-')), 'home');
    const clock = fixedClock(1_000_000);
    let test: TestDb;
    let identity: Identity;
    const create = (required: boolean) =>
      createIdentity({ db: test.db, clock, config: { home, identity: { required } } });
    beforeAll(async () => {
      test = await open([identityMigrations]);
      identity = create(true);
    });
    afterAll(async () => {
      await test.dispose();
      rmSync(home, { recursive: true });
    });
    const bearer = async (person: string, expiresInDays = 1) => {
      const issued = await identity.issueToken(context, { person, label: 'test', expiresInDays });
      return { ...issued, header: `Bearer ${issued.token}` };
    };
    const codeOf = (work: Promise<unknown>) => work.then(() => 'none').catch((error: { code: string }) => error.code);

    it('makes its key file once, for its owner only', () => {
      const path = join(home, 'identity-pepper');
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const before = readFileSync(path, 'utf8');
      create(true);
      expect(readFileSync(path, 'utf8')).toBe(before);
    });

    it('is configured from the first admin on', async () => {
      expect(await identity.isConfigured()).toBe(false);
      await identity.addPerson(context, { name: 'ada', displayName: 'Ada L.', roles: ['qa', 'admin'] });
      expect(await identity.isConfigured()).toBe(true);
      expect(await identity.getPerson('ada')).toEqual({
        name: 'ada',
        displayName: 'Ada L.',
        kind: 'user',
        roles: ['qa', 'admin'],
        createdAtMs: 1_000_000,
        disabledAtMs: null,
      });
    });

    it('knows the holder of a token', async () => {
      const { header } = await bearer('ada');
      const ada = { kind: 'user', id: 'ada', roles: ['qa', 'admin'], authenticated: true };
      expect(await identity.authenticate(header)).toEqual(ada);
      expect(await identity.identify(header.replace('Bearer', 'bearer '))).toEqual(ada);
      await identity.addPerson(context, { name: 'robot', kind: 'service', roles: ['ml-engineer'] });
      expect(await identity.authenticate((await bearer('robot')).header)).toMatchObject({
        kind: 'service',
        id: 'robot',
      });
    });

    it('keeps no secret in the database or the ledger', async () => {
      const { token } = await bearer('ada');
      const secret = token.split('_').slice(2).join('_');
      const events = await readLedger(test.db, { afterSeq: 0, limit: 1000 });
      expect(JSON.stringify(events)).not.toContain(secret);
      expect(JSON.stringify(await identity.listTokens('ada'))).not.toContain(secret);
    });

    it('refuses every token that is not exactly one it issued', async () => {
      const { token, id } = await bearer('ada');
      const other = await bearer('robot');
      const swapped = `fl_${id}_${other.token.slice(-43)}`;
      const flipped = token.slice(0, -2) + (token.at(-2) === 'A' ? 'B' : 'A') + token.at(-1);
      const headers = ['', 'Bearer', 'Bearer ', token, `Basic ${token}`, 'Bearer x', `Bearer ${token}x`];
      for (const header of [...headers, `Bearer ${swapped}`, `Bearer ${flipped}`, `Bearer ${token} ${token}`]) {
        expect([header, await codeOf(identity.authenticate(header))]).toEqual([header, 'IDN_TOKEN_INVALID']);
      }
    });

    it('takes the token as the password of its own person', async () => {
      const { token } = await bearer('ada');
      const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
      expect(await identity.authenticate(basic(`ada:${token}`))).toMatchObject({ id: 'ada', authenticated: true });
      for (const text of [`robot:${token}`, `:${token}`, token, 'ada:secret', `ada:${token}:`, 'ada:']) {
        expect([text, await codeOf(identity.authenticate(basic(text)))]).toEqual([text, 'IDN_TOKEN_INVALID']);
      }
    });

    it('ends a token by time, by revocation and with its person', async () => {
      await identity.addPerson(context, { name: 'bob', roles: ['viewer'] });
      const [expiring, revoked, last] = [await bearer('bob', 1), await bearer('bob', 2), await bearer('bob', 3)];
      clock.advance(DAY_MS - 1);
      expect(await identity.authenticate(expiring.header)).toMatchObject({ id: 'bob' });
      clock.advance(1);
      await expect(identity.authenticate(expiring.header)).rejects.toThrow(/expired/);
      await identity.revokeToken(context, { person: 'bob', id: revoked.id });
      await expect(identity.authenticate(revoked.header)).rejects.toThrow(/revoked/);
      await identity.disablePerson(context, 'bob');
      await expect(identity.authenticate(last.header)).rejects.toThrow(/disabled/);
      expect(await codeOf(bearer('bob'))).toBe('IDN_PERSON_DISABLED');
      expect(await codeOf(identity.setRoles(context, { name: 'bob', roles: [] }))).toBe('IDN_PERSON_DISABLED');
    });

    it('tells the open mode from the closed one', async () => {
      expect(await identity.authenticate(undefined)).toBe('none');
      expect(await codeOf(identity.identify(undefined))).toBe('IDN_TOKEN_REQUIRED');
      const local = await create(false).identify(undefined);
      expect(local).toMatchObject({ kind: 'user', id: 'local', authenticated: false });
      expect(await codeOf(create(false).identify('Bearer x'))).toBe('IDN_TOKEN_INVALID');
    });

    it('never loses its last admin', async () => {
      expect(await codeOf(identity.setRoles(context, { name: 'ada', roles: ['qa'] }))).toBe('IDN_LAST_ADMIN');
      expect(await codeOf(identity.disablePerson(context, 'ada'))).toBe('IDN_LAST_ADMIN');
      await identity.addPerson(context, { name: 'eve', roles: ['admin'] });
      expect((await identity.setRoles(context, { name: 'ada', roles: ['qa'] })).roles).toEqual(['qa']);
    });

    it('refuses what makes no sense, with the right code', async () => {
      const add = (name: string, roles: readonly string[] = []) =>
        codeOf(identity.addPerson(context, { name, roles: roles as never }));
      expect(await add('ada')).toBe('IDN_PERSON_EXISTS');
      for (const name of ['', 'a b', 'local', 'fairlead', '../x']) expect(await add(name)).toBe('IDN_INVALID');
      expect(await add('carl', ['root'])).toBe('IDN_INVALID');
      for (const days of [0, -1, 366, Number.NaN]) expect(await codeOf(bearer('ada', days))).toBe('IDN_INVALID');
      expect(await codeOf(bearer('nobody'))).toBe('IDN_PERSON_NOT_FOUND');
      expect(await codeOf(identity.listTokens('nobody'))).toBe('IDN_PERSON_NOT_FOUND');
      expect(await codeOf(identity.revokeToken(context, { person: 'ada', id: 'x' }))).toBe('IDN_TOKEN_NOT_FOUND');
    });

    it('writes every change to the ledger with who, before and after', async () => {
      const events = await readLedger(test.db, { afterSeq: 0, limit: 1000, types: ['identity.roles-changed'] });
      expect(events).toMatchObject([
        {
          subject: { kind: 'person', id: 'ada' },
          actor: systemActor,
          requestId: 'r1',
          before: { roles: ['qa', 'admin'] },
          after: { roles: ['qa'] },
        },
      ]);
      const kinds = (await readLedger(test.db, { afterSeq: 0, limit: 1000 })).map(({ type }) => type);
      for (const kind of ['person-added', 'person-disabled', 'token-issued', 'token-revoked']) {
        expect(kinds).toContain(`identity.${kind}`);
      }
    });
  });
}
