import { systemActor } from '@fairlead/kernel';
import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, RoomMigrations } from '../db/index.js';
import type { TestDb } from '../db/testing.js';
import {
  type Comparison,
  compareNumber,
  compareText,
  isBeyond,
  isOneOf,
  orderTerms,
  type Page,
  readPageToken,
  type SortColumn,
  toPage,
} from './index.js';

interface Thing {
  no: number;
  name: string;
  value: number;
}

const things: RoomMigrations = {
  room: 'things',
  migrations: [
    {
      id: '001-things',
      up: (db: Kysely<unknown>) =>
        db.schema
          .createTable('thing')
          .addColumn('no', 'bigint', (c) => c.primaryKey())
          .addColumn('name', 'text', (c) => c.notNull())
          .addColumn('value', 'double precision', (c) => c.notNull())
          .execute(),
    },
  ],
};

const NAMES = ['a', 'A', 'b', 'Z', 'é', 'aB', '50%', '5_0', '[x]', '*', '?', 'a\\b', '', ' '];

/** What every engine must do; run on SQLite by `npm test` and on PostgreSQL by the integration suite. */
export function describeSearch(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`a search on ${engine}`, () => {
    let test: TestDb;
    let db: Db;
    beforeAll(async () => {
      test = await open([things]);
      db = test.db;
      await fill(NAMES.map((name, no) => ({ no, name, value: no / 2 })));
    });
    afterAll(() => test.dispose());

    const fill = (rows: readonly Thing[]) =>
      db.transact({ actor: systemActor }, async (tx) => {
        await tx.sql<{ thing: Thing }>().deleteFrom('thing').execute();
        await tx
          .sql<{ thing: Thing }>()
          .insertInto('thing')
          .values([...rows])
          .execute();
      });
    const column = (name: string) => sql`${sql.ref(name)}`;
    const namesLike = async (comparison: Comparison, value: string | string[]) => {
      const condition = compareText(db.dialect, column('name'), { field: 'name', comparison, value });
      const found = await sql<Thing>`select * from thing where ${condition} order by no`.execute(db.sql());
      return found.rows.map(({ name }) => name);
    };

    it('minds the case in LIKE and not in ILIKE, and knows no other wildcards than % and _', async () => {
      expect(await namesLike('like', 'a%')).toEqual(['a', 'aB', 'a\\b']);
      expect(await namesLike('ilike', 'a%')).toEqual(['a', 'A', 'aB', 'a\\b']);
      expect(await namesLike('like', '5__')).toEqual(['50%', '5_0']);
      expect(await namesLike('like', '[x]')).toEqual(['[x]']);
      expect(await namesLike('like', '*')).toEqual(['*']);
      expect(await namesLike('like', '?')).toEqual(['?']);
      expect(await namesLike('like', 'a\\%')).toEqual(['a\\b']);
      expect(await namesLike('ilike', 'A\\B')).toEqual(['a\\b']);
    });

    it('compares texts by value and by lists', async () => {
      expect(await namesLike('=', 'A')).toEqual(['A']);
      expect(await namesLike('!=', 'A')).toEqual(NAMES.filter((name) => name !== 'A'));
      expect(await namesLike('in', ['é', "x'y", 'b'])).toEqual(['b', 'é']);
      expect(await namesLike('not-in', NAMES.slice(2))).toEqual(['a', 'A']);
      await expect(namesLike('<', 'a')).rejects.toMatchObject({ code: 'SEARCH_INVALID' });
    });

    it('compares numbers with fractions, infinities and lists', async () => {
      const found = async (comparison: Comparison, value: number | number[], of = 'value') => {
        const condition = compareNumber(db.dialect, column(of), { field: of, comparison, value });
        const { rows } = await sql<Thing>`select * from thing where ${condition} order by no`.execute(db.sql());
        return rows.map(({ no }) => no);
      };
      expect(await found('<', 1.25)).toEqual([0, 1, 2]);
      expect(await found('<=', 1.25, 'no')).toEqual([0, 1]);
      expect(await found('>', Number.POSITIVE_INFINITY)).toEqual([]);
      expect(await found('>', Number.NEGATIVE_INFINITY, 'no')).toHaveLength(NAMES.length);
      expect(await found('in', [0.5, 3, 99])).toEqual([1, 6]);
      await expect(found('like', 1)).rejects.toMatchObject({ code: 'SEARCH_INVALID' });
    });

    it('takes lists that are longer than the parameters an engine has', async () => {
      const many = [...Array.from({ length: 70_000 }, (_, index) => `x${index}`), 'b'];
      const { rows } = await sql<Thing>`select * from thing where ${isOneOf(db.dialect, column('name'), many)}`.execute(
        db.sql(),
      );
      expect(rows.map(({ name }) => name)).toEqual(['b']);
    });

    it('pages through any order without repeating or missing anything', async () => {
      const direction = fc.constantFrom('asc' as const, 'desc' as const);
      const thing = fc.record({ name: fc.constantFrom(...NAMES), value: fc.constantFrom(-1.5, 0, 1 / 3, 1e300) });
      const order = fc.uniqueArray(fc.record({ name: fc.constantFrom('name', 'value'), direction }), {
        selector: ({ name }) => name,
        maxLength: 2,
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(thing, { minLength: 1, maxLength: 12 }),
          order,
          direction,
          fc.integer({ min: 1, max: 5 }),
          async (rows, keys, last, limit) => {
            await fill(rows.map((row, no) => ({ ...row, no })));
            const columns: SortColumn[] = [...keys, { name: 'no', direction: last }].map((key) => ({
              expression: column(key.name),
              direction: key.direction,
              kind: key.name === 'name' ? 'text' : 'number',
            }));
            const whole = await pages(columns, rows.length);
            expect(await pages(columns, limit)).toEqual(whole);
            expect(whole).toHaveLength(rows.length);
            if (keys[0]?.name === 'name') expect(whole.map(({ name }) => name)).toEqual(inBytes(whole, keys[0]));
          },
        ),
        { numRuns: 40 },
      );
    });

    async function pages(columns: readonly SortColumn[], limit: number): Promise<Thing[]> {
      const seen: Thing[] = [];
      for (let token: string | null = null; ; ) {
        const page: Page<Thing> = await onePage(columns, limit, token);
        seen.push(...page.items);
        token = page.nextPageToken;
        if (token === null) return seen;
      }
    }

    async function onePage(columns: readonly SortColumn[], limit: number, token: string | null): Promise<Page<Thing>> {
      const kinds = columns.map(({ kind }) => kind);
      const after = token === null ? sql`1 = 1` : isBeyond(columns, readPageToken('things', token, kinds), db.dialect);
      const { rows } = await sql<Thing>`
        select * from thing where ${after} order by ${orderTerms(columns, db.dialect)} limit ${limit + 1}
      `.execute(db.sql());
      const positionOf = (row: Thing) => columns.map((_, index) => row[keyOf(columns, index)]);
      return toPage(rows, { limit, search: 'things', positionOf, toItem: (row) => row });
    }
  });
}

function keyOf(columns: readonly SortColumn[], index: number): keyof Thing {
  if (columns[index]?.kind === 'text') return 'name';
  return index === columns.length - 1 ? 'no' : 'value';
}

function inBytes(rows: readonly Thing[], { direction }: { direction: 'asc' | 'desc' }): string[] {
  const sorted = rows.map(({ name }) => name).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return direction === 'asc' ? sorted : sorted.reverse();
}
