import { CompiledQuery } from 'kysely';
import type { Reader } from './db-types.js';

const numbered = new Map<string, string>();

/**
 * Runs a statement whose text is ready, with `?` for its parameters. Building a query costs Kysely more than SQLite needs to
 * answer it, which counts on the paths that every training step takes; texts must therefore be few, and constant.
 */
export async function rawQuery<Row>(reader: Reader, text: string, parameters: readonly unknown[]): Promise<Row[]> {
  const query = CompiledQuery.raw(reader.dialect === 'sqlite' ? text : withNumbers(text), [...parameters]);
  return (await reader.sql<unknown>().executeQuery<Row>(query)).rows;
}

/** PostgreSQL counts its parameters: `?` becomes `$1`, `$2` … */
function withNumbers(text: string): string {
  const known = numbered.get(text);
  if (known !== undefined) return known;
  let count = 0;
  const counted = text.replace(/\?/g, () => {
    count += 1;
    return `$${count}`;
  });
  numbered.set(text, counted);
  return counted;
}
