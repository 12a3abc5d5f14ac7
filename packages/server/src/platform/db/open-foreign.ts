import { isUtf8 } from 'node:buffer';
import { existsSync } from 'node:fs';
import Database from 'libsql';
import { dbErrors } from './db-errors.js';

/** Bytes are what is no text in UTF-8, whatever the column's type. */
export type ForeignValue = string | number | null | ArrayBuffer;
export type ForeignRow = Readonly<Record<string, ForeignValue>>;

/** A SQLite file that another program wrote: its tables are looked up, never assumed, and nothing in it is trusted. */
export interface ForeignDb {
  /** Names of real tables with their columns. Views are left out: they could compute without end. */
  readonly tables: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * Rows of a table with the given columns, or all of them; `rest` begins with WHERE, ORDER BY or nothing. No rows when there is no
   * such table. Throws DB_UNAVAILABLE when the file is damaged there.
   */
  select(
    table: string,
    columns: readonly string[] | '*',
    rest?: string,
    params?: readonly (string | number)[],
  ): readonly ForeignRow[];
  count(table: string): number;
  close(): void;
}

/** Opens it for reading only; a missing file is not made. Throws DB_UNAVAILABLE. */
export function openForeign(path: string): ForeignDb {
  if (!existsSync(path)) throw dbErrors.DB_UNAVAILABLE(`There is no database at ${path}.`, { data: { path } });
  const damaged = (cause: unknown) =>
    dbErrors.DB_UNAVAILABLE(`SQLite cannot read ${path}: ${(cause as Error).message}.`, { data: { path }, cause });
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw damaged(cause);
    }
  };
  const database = guard(() => new Database(path));
  const statements = new Map<string, ReturnType<typeof database.prepare>>();
  const rows = (sql: string, params: readonly (string | number)[] = []) =>
    guard(() => {
      const statement = statements.get(sql) ?? database.prepare(sql);
      statements.set(sql, statement);
      return (statement.all(params) as Record<string, ForeignValue>[]).map(decodeTexts);
    });
  try {
    guard(() => {
      for (const pragma of [
        'busy_timeout = 10000',
        'query_only = ON',
        'trusted_schema = OFF',
        'cell_size_check = ON',
      ]) {
        database.exec(`PRAGMA ${pragma}`);
      }
    });
    const tables = readTables(rows);
    return {
      tables,
      select: (table, columns, rest = '', params = []) => {
        const known = tables.get(table);
        if (known === undefined) return [];
        const list = columns === '*' ? [...known] : columns;
        return rows(`SELECT ${list.map(undecoded).join(', ')} FROM ${quote(table)} ${rest}`, params);
      },
      count: (table) => (tables.has(table) ? Number(rows(`SELECT count(*) AS n FROM ${quote(table)}`)[0]?.n ?? 0) : 0),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** The driver ends the process at a text that is not UTF-8 (libsql 0.5), so texts travel as bytes and are judged here. */
const undecoded = (column: string) =>
  `CASE typeof(${quote(column)}) WHEN 'text' THEN CAST(${quote(column)} AS BLOB) ELSE ${quote(column)} END AS ${quote(column)}`;

function decodeTexts(row: Record<string, ForeignValue>): ForeignRow {
  for (const name in row) {
    const value = row[name];
    if (value instanceof ArrayBuffer && isUtf8(value)) row[name] = Buffer.from(value).toString('utf8');
  }
  return row;
}

function readTables(rows: (sql: string) => readonly ForeignRow[]): Map<string, Set<string>> {
  const columns = rows(
    `SELECT CAST(m.name AS BLOB) AS "table", CAST(c.name AS BLOB) AS "column"
     FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`,
  );
  const tables = new Map<string, Set<string>>();
  for (const { table, column } of columns) {
    if (typeof table !== 'string' || typeof column !== 'string') continue;
    const known = tables.get(table) ?? new Set();
    tables.set(table, known.add(column));
  }
  return tables;
}
