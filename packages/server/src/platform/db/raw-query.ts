import type { Reader } from './db-types.js';

/**
 * Runs a statement whose text is ready, with `?` for its parameters. Building a query costs Kysely more than SQLite needs to
 * answer it, which counts on the paths that every training step takes. Texts must be few and constant, and name the columns
 * that they give: both engines keep them prepared, and PostgreSQL refuses a kept `select *` once a column is added.
 */
export function rawQuery<Row>(reader: Reader, text: string, parameters: readonly unknown[]): Promise<Row[]> {
  return reader.run<Row>(text, parameters);
}

/**
 * The same for pages of large rows, each given to `take` when it comes: on PostgreSQL what is made of one row is made while the
 * next ones are on their way, and the rows need not all be kept. Rejects with what `take` throws.
 */
export async function rawEach<Row>(
  reader: Reader,
  { text, parameters }: { readonly text: string; readonly parameters: readonly unknown[] },
  take: (row: Row) => void,
): Promise<void> {
  if (reader.each !== undefined) return reader.each(text, parameters, take as (row: unknown) => void);
  for (const row of await reader.run<Row>(text, parameters)) take(row);
}
