import { sql } from 'kysely';
import type { Db, Reader } from './db-types.js';

// History is no reference: the ledger names every digest that ever was.
const HISTORY = ['ledger', 'ledger_cursor', 'ledger_dead_letter', 'schema_migration'];
const CHUNK = 1000;
const DIGEST_CHARACTERS = 64;

interface TextColumn {
  readonly table: string;
  readonly column: string;
  /** 1: rows have numbers, as most tables of SQLite have. */
  readonly numbered: number;
}

/**
 * Every text of the database that is long enough to have a digest in it, but for history. No room is asked what it keeps
 * where: a table that somebody adds tomorrow counts from its first row, and forgetting to say so can cost no bytes.
 */
export async function* longTexts({ longReads: db }: Db, signal?: AbortSignal): AsyncGenerator<string> {
  for (const column of await textColumns(db)) {
    if (HISTORY.includes(column.table)) continue;
    yield* textsOf(db, column, signal);
  }
}

async function textColumns(db: Reader): Promise<readonly TextColumn[]> {
  const statement =
    db.dialect === 'postgres'
      ? sql<TextColumn>`select c.table_name as "table", c.column_name as "column", 0 as numbered
          from information_schema.columns c
          join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
          where c.table_schema = current_schema() and t.table_type = 'BASE TABLE'
            and c.data_type in ('text', 'character varying', 'character', 'json', 'jsonb')
          order by 1, 2`
      : sql<TextColumn>`select t.name as "table", c.name as "column", 1 - t.wr as numbered
          from pragma_table_list t, pragma_table_info(t.name) c
          where t.type = 'table' and t.schema = 'main' and t.name not like 'sqlite~_%' escape '~'
            and lower(c.type) not in ('integer', 'bigint', 'real', 'double precision', 'smallint') order by 1, 2`;
  return (await statement.execute(db.sql<unknown>())).rows;
}

async function* textsOf(db: Reader, column: TextColumn, signal?: AbortSignal): AsyncGenerator<string> {
  const read = column.numbered === 1 ? byRow : byText;
  let after: string | number | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const rows: readonly TextRow[] = await read(db, column, after);
    for (const { text } of rows) yield text;
    const last = rows.at(-1);
    if (rows.length < CHUNK || last === undefined) return;
    after = last.place;
  }
}

interface TextRow {
  readonly text: string;
  /** Where the next chunk begins. */
  readonly place: string | number;
}

async function byRow(
  db: Reader,
  { table, column }: TextColumn,
  after: string | number = 0,
): Promise<readonly TextRow[]> {
  const { rows } = await sql<TextRow>`
    select rowid as place, ${sql.ref(column)} as "text" from ${sql.table(table)}
    where rowid > ${after} and length(${sql.ref(column)}) >= ${sql.lit(DIGEST_CHARACTERS)}
    order by rowid limit ${sql.lit(CHUNK)}`.execute(db.sql<unknown>());
  return rows;
}

/** Distinct texts in their order, where rows have no numbers: the last text of a chunk is where the next begins. */
async function byText(
  db: Reader,
  { table, column }: TextColumn,
  after: string | number = '',
): Promise<readonly TextRow[]> {
  const text = db.dialect === 'postgres' ? sql`cast(${sql.ref(column)} as text) collate "C"` : sql.ref(column);
  const { rows } = await sql<TextRow>`
    select distinct ${text} as "text", ${text} as place from ${sql.table(table)}
    where length(${text}) >= ${sql.lit(DIGEST_CHARACTERS)} and ${text} > ${after} order by 1 limit ${sql.lit(CHUNK)}
  `.execute(db.sql<unknown>());
  return rows;
}
