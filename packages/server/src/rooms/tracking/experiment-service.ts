import type { Clock } from '@fairlead/kernel';
import type { ChangeContext, Db, Reader, Tx } from '../../platform/db/index.js';
import type { Page, SearchRequest } from '../../platform/search/index.js';
import type { Experiment, ExperimentField, ExperimentService } from './experiment-types.js';
import { parseArtifactRoot, parseName, parseNote, parseTagChanges, parseTags } from './parse-batch.js';
import { trackingErrors } from './tracking-errors.js';
import { experimentCreated, experimentDeleted, experimentRestored, experimentUpdated } from './tracking-events.js';
import type { ExperimentHead, ExperimentStore } from './tracking-store.js';

export interface ExperimentDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly experimentStore: ExperimentStore;
  /** Addresses below which the files of an experiment may be, beside this server's own. */
  readonly artifactRoots: readonly string[];
}

type WriteTx = Tx & Reader;
type NewExperiment = Parameters<ExperimentService['createExperiment']>[1];
const EVERYTHING = 50_000;

/** Experiments: made, found, renamed, deleted and brought back. */
export function createExperimentService(deps: ExperimentDeps): ExperimentService {
  const { db, experimentStore: store } = deps;
  return {
    createExperiment: (context, request) =>
      db.transact(context, async (tx) => (await insert(deps, tx, request)) ?? refuseName(request.name)),
    ensureExperiment: async (context, name) => {
      parseName('experiment', name);
      const known = await store.byName(db, name);
      if (known?.lifecycle === 'active') return withTags(deps, known);
      return db.transact(context, async (tx) => withTags(deps, await ensureExperiment(deps, tx, name), tx));
    },
    experiment: async (id) => withTags(deps, (await store.byId(db, id)) ?? missingExperiment(id)),
    experimentNamed: async (name) => withTags(deps, (await store.byName(db, name)) ?? missingName(name)),
    experiments: async (lifecycle = 'active') => {
      const found: Experiment[] = [];
      for (let pageToken: string | null | undefined; pageToken !== null; ) {
        const page: Page<Experiment> = await search(deps, {
          orderBy: [{ field: 'name', direction: 'asc' }],
          lifecycle,
          limit: EVERYTHING,
          ...(pageToken !== undefined && { pageToken }),
        });
        found.push(...page.items);
        pageToken = page.nextPageToken;
      }
      return found;
    },
    searchExperiments: (request) => search(deps, request),
    updateExperiment: (context, id, change) => update(deps, context, { id, change }),
    deleteExperiment: (context, id) => remove(deps, context, id),
    restoreExperiment: (context, id) => restore(deps, context, id),
  };
}

/** The active experiment of that name, made in the running transaction when there is none. */
export async function ensureExperiment(deps: ExperimentDeps, tx: WriteTx, name: string): Promise<ExperimentHead> {
  const known = await deps.experimentStore.byName(tx, name);
  if (known?.lifecycle === 'active') return known;
  const made = await insert(deps, tx, { name });
  // Undefined when another transaction was faster; its row is committed by then.
  return made ?? (await deps.experimentStore.byName(tx, name)) ?? missingName(name);
}

/** Throws TRK_EXPERIMENT_NOT_FOUND. */
export function missingExperiment(id: string): never {
  const shown = id.slice(0, 80);
  throw trackingErrors.TRK_EXPERIMENT_NOT_FOUND(`There is no experiment with the id ${JSON.stringify(shown)}.`, {
    data: { experimentId: shown },
  });
}

/** One that takes new things. Throws TRK_EXPERIMENT_NOT_FOUND, TRK_EXPERIMENT_DELETED. */
export async function activeExperiment(store: ExperimentStore, tx: Reader, id: string): Promise<ExperimentHead> {
  const head = (await store.byId(tx, id)) ?? missingExperiment(id);
  refuseDeleted(head);
  return head;
}

/** Throws TRK_EXPERIMENT_DELETED. */
export function refuseDeleted({ id, name, lifecycle }: ExperimentHead): void {
  if (lifecycle === 'active') return;
  throw trackingErrors.TRK_EXPERIMENT_DELETED(`The experiment "${name}" (${id}) is deleted.`, {
    data: { experimentId: id, experiment: name },
  });
}

function missingName(name: string): never {
  const shown = name.slice(0, 80);
  throw trackingErrors.TRK_EXPERIMENT_NOT_FOUND(`There is no experiment named ${JSON.stringify(shown)}.`, {
    data: { experiment: shown },
  });
}

function refuseName(name: string): never {
  throw trackingErrors.TRK_EXPERIMENT_EXISTS(`There is an experiment named "${name}" already.`, {
    data: { experiment: name },
  });
}

async function withTags(
  { db, experimentStore }: ExperimentDeps,
  { no, ...head }: ExperimentHead,
  reader: Reader = db,
): Promise<Experiment> {
  return { ...head, tags: (await experimentStore.tagsOf(reader, [no])).get(no) ?? {} };
}

async function insert(
  deps: ExperimentDeps,
  tx: WriteTx,
  request: NewExperiment,
): Promise<(ExperimentHead & Experiment) | undefined> {
  const { clock, experimentStore, artifactRoots } = deps;
  const name = parseName('experiment', request.name);
  const tags = parseTags(request.tags ?? {}, 'experiment');
  const note = parseNote(request.note ?? '');
  const nowMs = clock.nowMs();
  const head = await experimentStore.insert(tx, {
    name,
    note,
    tags,
    lifecycle: 'active',
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    ...(request.artifactRoot !== undefined && {
      artifactRoot: parseArtifactRoot(request.artifactRoot, artifactRoots),
    }),
  });
  if (head === undefined) return undefined;
  const { no: _, ...after } = { ...head, tags };
  tx.record(experimentCreated.of({ kind: 'experiment', id: head.id }, { name }, { after }));
  return { ...head, tags };
}

async function search(deps: ExperimentDeps, request: SearchRequest<ExperimentField>): Promise<Page<Experiment>> {
  const { items, nextPageToken } = await deps.experimentStore.search(deps.db.longReads, request);
  const tags = await deps.experimentStore.tagsOf(
    deps.db.longReads,
    items.map(({ no }) => no),
  );
  return { items: items.map(({ no, ...head }) => ({ ...head, tags: tags.get(no) ?? {} })), nextPageToken };
}

async function lock({ experimentStore }: ExperimentDeps, tx: Reader, id: string): Promise<ExperimentHead> {
  return (await experimentStore.lock(tx, id)) ?? missingExperiment(id);
}

async function update(
  deps: ExperimentDeps,
  context: ChangeContext,
  { id, change }: { id: string; change: Parameters<ExperimentService['updateExperiment']>[2] },
): Promise<Experiment> {
  const { db, clock, experimentStore: store } = deps;
  const { name, note } = change;
  if (name !== undefined) parseName('experiment', name);
  if (note !== undefined) parseNote(note);
  const tags = parseTagChanges(change.tags ?? {}, 'experiment');
  return db.transact(context, async (tx) => {
    const head = await lock(deps, tx, id);
    refuseDeleted(head);
    if (name !== undefined && name !== head.name) await claimName(store, tx, name);
    const before = await withTags(deps, head, tx);
    const fields = { ...(name !== undefined && { name }), ...(note !== undefined && { note }) };
    await store.update(tx, head.no, { ...fields, updatedAtMs: clock.nowMs() });
    await store.writeTags(tx, head.no, tags);
    const after = await withTags(deps, await lock(deps, tx, id), tx);
    const payload = { fields: Object.keys(fields), tags: Object.keys(tags) };
    tx.record(experimentUpdated.of({ kind: 'experiment', id }, payload, { before, after }));
    return after;
  });
}

async function claimName(store: ExperimentStore, tx: Reader, name: string): Promise<void> {
  await store.lockNames(tx);
  if ((await store.byName(tx, name))?.lifecycle === 'active') refuseName(name);
}

function remove(deps: ExperimentDeps, context: ChangeContext, id: string): Promise<Experiment> {
  const { db, clock, experimentStore: store } = deps;
  return db.transact(context, async (tx) => {
    const head = await lock(deps, tx, id);
    if (head.lifecycle === 'deleted') return withTags(deps, head, tx);
    const atMs = clock.nowMs();
    await store.update(tx, head.no, { lifecycle: 'deleted', deletedAtMs: atMs, updatedAtMs: atMs });
    await store.moveRuns(tx, head.no, { lifecycle: 'deleted', atMs });
    tx.record(experimentDeleted.of({ kind: 'experiment', id }, { name: head.name }));
    return withTags(deps, { ...head, lifecycle: 'deleted', updatedAtMs: atMs }, tx);
  });
}

function restore(deps: ExperimentDeps, context: ChangeContext, id: string): Promise<Experiment> {
  const { db, clock, experimentStore: store } = deps;
  return db.transact(context, async (tx) => {
    const head = await lock(deps, tx, id);
    if (head.lifecycle === 'active') return withTags(deps, head, tx);
    await claimName(store, tx, head.name);
    const atMs = clock.nowMs();
    await store.update(tx, head.no, { lifecycle: 'active', deletedAtMs: null, updatedAtMs: atMs });
    await store.moveRuns(tx, head.no, { lifecycle: 'active', atMs });
    tx.record(experimentRestored.of({ kind: 'experiment', id }, { name: head.name }));
    return withTags(deps, { ...head, lifecycle: 'active', updatedAtMs: atMs }, tx);
  });
}
