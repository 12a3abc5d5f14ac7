import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@fairlead/kernel';
import type { ChangeContext, Db, Reader, Tx } from '../../../platform/db/index.js';
import type { ObjectStore } from '../../../platform/objects/index.js';
import { treePathOf } from '../artifact-path-rules.js';
import type { PurgeableModel, PurgedRecord, PurgeScope, PurgeStore } from './purge-store.js';
import type { KeptThing, PurgeOwner, UsesOfOwners } from './purge-types.js';

export interface PurgeDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly objects: Pick<ObjectStore, 'keep'>;
  readonly store: PurgeStore;
  readonly usesOf: UsesOfOwners;
}

/** One purge, from its beginning or from wherever it was interrupted. */
export interface Purge {
  /** The same after an interruption: what went before it counts too. */
  readonly id: string;
  readonly context: ChangeContext;
  readonly scope: PurgeScope;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  progress(message: string): void;
}

export type Gone = Omit<PurgedRecord, 'atMs' | 'purgeId'>;

/** What one portion came to: in a dry run what would go. */
export interface Portion {
  readonly gone: readonly Gone[];
  readonly kept: readonly KeptThing[];
}

/** Rows of one transaction: some 20 ms of the right to write. */
const ROWS_AT_ONCE = 10_000;
const FILES_AT_ONCE = 1_000;

/** SQLite answers at once, so that a loop over it would let nobody else of this process in. */
export const breathe = (): Promise<void> => setImmediate();

/** Decides by what it reads and, unless this is a dry run, removes in the same transaction. */
export async function inPortion(
  { db, clock, store }: PurgeDeps,
  { id: purgeId, context, dryRun }: Purge,
  decide: (reader: Reader) => Promise<Portion & { remove(tx: Tx & Reader): Promise<void> }>,
): Promise<Portion> {
  if (dryRun) return decide(db.longReads);
  return db.transact(context, async (tx) => {
    const { gone, kept, remove } = await decide(tx);
    const atMs = clock.nowMs();
    await store.remember(
      tx,
      gone.map((record) => ({ ...record, atMs, purgeId })),
    );
    await remove(tx);
    return { gone, kept };
  });
}

/** Removes what is cut off, of this purge or of one that was interrupted, in portions between which others may write. */
export async function removeRest(
  { db, objects, store }: PurgeDeps,
  { context, signal, progress }: Pick<Purge, 'context' | 'signal' | 'progress'>,
): Promise<void> {
  let portions = 0;
  const inPortions = async (step: (tx: Tx & Reader) => Promise<boolean>) => {
    while (await db.transact(context, step)) {
      await breathe();
      signal.throwIfAborted();
      portions += 1;
      if (portions % 10 === 0) progress(`removing points, ${portions * ROWS_AT_ONCE} rows at most so far`);
    }
  };
  await inPortions((tx) => store.removeSomePoints(tx, ROWS_AT_ONCE));
  await inPortions((tx) => store.removeSomeModelRows(tx, ROWS_AT_ONCE));
  for (;;) {
    signal.throwIfAborted();
    const digests = await db.transact(context, (tx) => store.removeSomeFiles(tx, FILES_AT_ONCE));
    if (digests === undefined) return;
    await breathe();
    // Their time of grace begins now: somebody may be about to refer to the same bytes.
    for (const digest of digests) await objects.keep(digest).catch(() => undefined);
  }
}

/** The record of a run or a logged model, with what is below its root. */
export async function goneOwner(
  store: PurgeStore,
  reader: Reader,
  {
    kind,
    id,
    experimentId,
    artifactRoot,
    points = 0,
  }: PurgeOwner & Pick<Gone, 'kind' | 'experimentId'> & { readonly points?: number },
): Promise<Gone> {
  const root = treePathOf(artifactRoot) ?? null;
  const below = root === null ? { files: 0, sizeBytes: 0 } : await store.filesBelow(reader, root);
  return { kind, id, experimentId, root, points, ...below };
}

export async function goneModels(
  store: PurgeStore,
  reader: Reader,
  models: readonly PurgeableModel[],
): Promise<Gone[]> {
  const gone: Gone[] = [];
  for (const model of models) gone.push(await goneOwner(store, reader, { ...model, kind: 'logged-model' }));
  return gone;
}
