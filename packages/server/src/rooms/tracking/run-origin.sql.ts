import type { Reader } from '../../platform/db/index.js';
import type { EdgesAt, LineageNode } from './lineage-types.js';
import { ORIGIN_KINDS, ORIGIN_TAGS, originEdges, type RunOrigin } from './run-origin-rules.js';
import type { TrackingTables } from './tracking-tables.sql.js';
import type { RunEnvironment } from './tracking-types.js';

const CHUNK = 500;
const TAG_KEYS = Object.values(ORIGIN_TAGS);

/**
 * Edges between runs and what they ran on, derived from the rows of the runs themselves. Storing them would cost every
 * start of a run four more rows to answer a question that is seldom asked; so the way from code down to its runs is one
 * scan over the runs with a recorded environment and one look-up of tags, the way up a look-up by id.
 */
export function runOriginEdges(reader: Reader): EdgesAt {
  return async (nodes, side, limit) => {
    if (side === 'up') {
      const ids = nodes.filter(({ kind }) => kind === 'run').map(({ id }) => id);
      return (await originsOf(reader, ids)).flatMap(originEdges).slice(0, limit);
    }
    const asked = nodes.filter(({ kind }) => ORIGIN_KINDS.includes(kind));
    if (asked.length === 0) return [];
    const wanted = new Set(asked.map(keyOf));
    const ids = new Set<string>();
    for (const node of asked) for (const id of await runsFrom(reader, node, limit)) ids.add(id);
    const edges = (await originsOf(reader, [...ids])).flatMap(originEdges);
    return edges.filter(({ from }) => wanted.has(keyOf(from))).slice(0, limit);
  };
}

const keyOf = ({ kind, id }: LineageNode) => `${kind}\n${id}`;

async function originsOf(reader: Reader, runIds: readonly string[]): Promise<RunOrigin[]> {
  const found: RunOrigin[] = [];
  for (let start = 0; start < runIds.length; start += CHUNK) {
    const ids = runIds.slice(start, start + CHUNK);
    const runs = await reader
      .sql<TrackingTables>()
      .selectFrom('tracking_run')
      .select(['no', 'id', 'environment'])
      .where('id', 'in', ids)
      .orderBy('id')
      .execute();
    if (runs.length === 0) continue;
    const tagRows = await reader
      .sql<TrackingTables>()
      .selectFrom('tracking_tag')
      .selectAll()
      .where(
        'run_no',
        'in',
        runs.map(({ no }) => no),
      )
      .where('key', 'in', TAG_KEYS)
      .execute();
    const tags = new Map<number, Record<string, string>>();
    for (const { run_no, key, value } of tagRows) tags.set(run_no, { ...tags.get(run_no), [key]: value });
    for (const { no, id, environment } of runs) {
      const recorded = environment === null ? null : (JSON.parse(environment) as RunEnvironment);
      found.push({ runId: id, environment: recorded, tags: tags.get(no) ?? {} });
    }
  }
  return found;
}

/** Runs whose row may name the node; the edges made of them decide. */
async function runsFrom(reader: Reader, { kind, id }: LineageNode, limit: number): Promise<string[]> {
  const recorded = await reader
    .sql<TrackingTables>()
    .selectFrom('tracking_run')
    .select('id')
    .where('environment', 'like', `%${likeText(kind === 'environment' ? (/^node ([^,]*),/.exec(id)?.[1] ?? id) : id)}%`)
    .orderBy('started_at_ms', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  const said = await reader
    .sql<TrackingTables>()
    .selectFrom('tracking_tag as t')
    .innerJoin('tracking_run as r', 'r.no', 't.run_no')
    .select('r.id')
    .where('t.key', 'in', TAG_KEYS)
    .where('t.value', '=', id.replace(/^container /, ''))
    .orderBy('r.id', 'desc')
    .limit(limit)
    .execute();
  return [...recorded.map((row) => row.id), ...said.map((row) => row.id)];
}

/** A backslash escapes in PostgreSQL alone; `_` matches itself too and the edges decide, so only `%` is kept out. */
function likeText(text: string): string {
  return JSON.stringify(text).slice(1, -1).replace(/[%\\]/g, '_');
}
