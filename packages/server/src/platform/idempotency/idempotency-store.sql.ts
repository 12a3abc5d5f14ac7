import { type Reader, rawQuery } from '../db/index.js';

/** What a request made whose answer is not known to have arrived. */
export interface UnheardAnswer {
  /** The digest of the request. */
  readonly request: string;
  /** The id of what it made. */
  readonly made: string;
}

/** The latest first. */
export async function unheardOf(
  reader: Reader,
  { request, sinceMs }: { request: string; sinceMs: number },
): Promise<string[]> {
  const rows = await rawQuery<{ made: string }>(
    reader,
    'select made from unheard_answer where request = ? and at_ms >= ? order by at_ms desc',
    [request, sinceMs],
  );
  return rows.map(({ made }) => made);
}

export async function insertUnheard(tx: Reader, { request, made }: UnheardAnswer, atMs: number): Promise<void> {
  await rawQuery(tx, 'insert into unheard_answer (request, made, at_ms) values (?, ?, ?)', [request, made, atMs]);
}

export async function removeUnheard(tx: Reader, { request, made }: UnheardAnswer): Promise<void> {
  await rawQuery(tx, 'delete from unheard_answer where request = ? and made = ?', [request, made]);
}

export async function removeUnheardBefore(tx: Reader, beforeMs: number): Promise<void> {
  await rawQuery(tx, 'delete from unheard_answer where at_ms < ?', [beforeMs]);
}
