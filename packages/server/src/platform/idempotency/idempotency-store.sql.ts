import { type GatheredOperation, gather, type Reader, rawQuery } from '../db/index.js';

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

export async function insertUnheard(tx: Reader, answer: UnheardAnswer, atMs: number): Promise<void> {
  await gather(tx, insertAll, { ...answer, atMs });
}

const insertAll: GatheredOperation<UnheardAnswer & { readonly atMs: number }, unknown> = async (tx, answers) => {
  const columns = (['id', 'request', 'made', 'atMs'] as const).map((name) => answers.map((answer) => answer[name]));
  if (tx.dialect === 'postgres') await rawQuery(tx, INSERT_ALL, columns);
  else await Promise.all(answers.map(({ id, request, made, atMs }) => rawQuery(tx, INSERT, [id, request, made, atMs])));
  return answers;
};

const INSERT = 'insert into unheard_answer (id, request, made, at_ms) values (?, ?, ?, ?)';
const INSERT_ALL = `insert into unheard_answer (id, request, made, at_ms)
  select * from unnest(?::text[], ?::text[], ?::text[], ?::bigint[])`;

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
