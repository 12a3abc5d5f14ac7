import type { Reader } from './db-types.js';

/**
 * Runs a statement whose text is ready, with `?` for its parameters. Building a query costs Kysely more than SQLite needs to
 * answer it, which counts on the paths that every training step takes. Texts must be few and constant, and name the columns
 * that they give: both engines keep them prepared, and PostgreSQL refuses a kept `select *` once a column is added.
 */
export function rawQuery<Row>(reader: Reader, text: string, parameters: readonly unknown[]): Promise<Row[]> {
  return reader.run<Row>(text, parameters);
}
