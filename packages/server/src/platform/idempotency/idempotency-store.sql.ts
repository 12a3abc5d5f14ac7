import { type Reader, rawQuery } from '../db/index.js';

/** What a request made whose answer is not known to have arrived. */
export interface UnheardAnswer {
  /** Its own: what was made may be named like something that was made and deleted before. */
  readonly id: string;
  /** The digest of the request. */
  readonly request: string;
  /** The id of what it made. */
  readonly made: string;
}

/** The latest first. */
export async function unheardOf(
  reader: Reader,
  { request, sinceMs }: { request: string; sinceMs: number },
): Promise<UnheardAnswer[]> {
  return rawQuery<UnheardAnswer>(
    reader,
    'select id, request, made from unheard_answer where request = ? and at_ms >= ? order by at_ms desc, id desc',
    [request, sinceMs],
  );
}

export async function insertUnheard(tx: Reader, { id, request, made }: UnheardAnswer, atMs: number): Promise<void> {
  const text = 'insert into unheard_answer (id, request, made, at_ms) values (?, ?, ?, ?)';
  await rawQuery(tx, text, [id, request, made, atMs]);
}

export async function removeUnheard(tx: Reader, ids: readonly string[]): Promise<void> {
  if (tx.dialect === 'postgres') await rawQuery(tx, 'delete from unheard_answer where id = any(?::text[])', [ids]);
  else
    await rawQuery(tx, 'delete from unheard_answer where id in (select value from json_each(?))', [
      JSON.stringify(ids),
    ]);
}

export async function removeUnheardBefore(tx: Reader, beforeMs: number): Promise<void> {
  await rawQuery(tx, 'delete from unheard_answer where at_ms < ?', [beforeMs]);
}
