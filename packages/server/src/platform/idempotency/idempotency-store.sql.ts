import type { Reader } from '../db/index.js';

/** What a request made whose answer is not known to have arrived. */
export interface UnheardAnswer {
  /** The digest of the request. */
  readonly request: string;
  /** The id of what it made. */
  readonly made: string;
}

interface Tables {
  unheard_answer: { request: string; made: string; at_ms: number };
}

/** The latest first. */
export async function unheardOf(
  reader: Reader,
  { request, sinceMs }: { request: string; sinceMs: number },
): Promise<string[]> {
  const rows = await reader
    .sql<Tables>()
    .selectFrom('unheard_answer')
    .select('made')
    .where('request', '=', request)
    .where('at_ms', '>=', sinceMs)
    .orderBy('at_ms', 'desc')
    .execute();
  return rows.map(({ made }) => made);
}

export async function insertUnheard(tx: Reader, { request, made }: UnheardAnswer, atMs: number): Promise<void> {
  await tx.sql<Tables>().insertInto('unheard_answer').values({ request, made, at_ms: atMs }).execute();
}

export async function removeUnheard(tx: Reader, { request, made }: UnheardAnswer): Promise<void> {
  await tx.sql<Tables>().deleteFrom('unheard_answer').where('request', '=', request).where('made', '=', made).execute();
}

export async function removeUnheardBefore(tx: Reader, beforeMs: number): Promise<void> {
  await tx.sql<Tables>().deleteFrom('unheard_answer').where('at_ms', '<', beforeMs).execute();
}
