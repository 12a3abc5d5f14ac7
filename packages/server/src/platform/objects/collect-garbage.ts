import { throwIfAborted } from '@fairlead/kernel';
import { digestsIn } from './digest-text-rules.js';
import type { ObjectHolder } from './object-holder.js';
import type { ObjectStore, StoredObject } from './objects-types.js';

export interface CollectOptions {
  /** True: only says what would go. */
  readonly dryRun: boolean;
  /** What was written, or named again, more recently stays: somebody may be about to refer to it. */
  readonly graceMs: number;
  readonly nowMs: number;
  readonly signal?: AbortSignal;
}

export interface CollectReport {
  readonly dryRun: boolean;
  readonly objects: number;
  readonly sizeBytes: number;
  readonly held: number;
  /** Held by nobody, but too young to go. */
  readonly young: number;
  /** Gone, or with `dryRun` what would go. */
  readonly removed: number;
  readonly removedBytes: number;
}

// Manifests, reports and records are far smaller; what is larger is data or a model and names no other object.
const MAX_READ_BYTES = 16 << 20;

/**
 * Removes the objects that nobody holds. An object is held when its digest stands with a holder, or in the text of a held
 * object: manifests and reports name what belongs to them. Holders are asked before anything is removed, and what was
 * touched in the meantime stays.
 */
export async function collectGarbage(
  objects: ObjectStore,
  holders: readonly ObjectHolder[],
  { dryRun, graceMs, nowMs, signal }: CollectOptions,
): Promise<CollectReport> {
  const stored = new Map<string, StoredObject>();
  for await (const object of objects.list()) stored.set(object.digest, object);
  const held = await reachable(objects, { holders, stored, signal });
  const untouchedSinceMs = nowMs - graceMs;
  const free = [...stored.values()].filter(({ digest }) => !held.has(digest));
  const old = free.filter(({ touchedAtMs }) => touchedAtMs < untouchedSinceMs);
  let removed = 0;
  let removedBytes = 0;
  for (const { digest, sizeBytes } of old) {
    throwIfAborted(signal);
    if (!dryRun && !(await objects.remove(digest, { untouchedSinceMs }))) continue;
    removed += 1;
    removedBytes += sizeBytes;
  }
  const sizeBytes = [...stored.values()].reduce((sum, object) => sum + object.sizeBytes, 0);
  return {
    dryRun,
    objects: stored.size,
    sizeBytes,
    held: stored.size - free.length,
    young: free.length - old.length,
    removed,
    removedBytes,
  };
}

async function reachable(
  objects: ObjectStore,
  {
    holders,
    stored,
    signal,
  }: { holders: readonly ObjectHolder[]; stored: ReadonlyMap<string, StoredObject>; signal: AbortSignal | undefined },
): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  const unread: StoredObject[] = [];
  const hold = (digest: string) => {
    const object = stored.get(digest);
    if (object === undefined || held.has(digest)) return;
    held.add(digest);
    if (object.sizeBytes <= MAX_READ_BYTES) unread.push(object);
  };
  for (const holder of holders) for await (const digest of holder.held(signal)) hold(digest);
  for (let next = unread.pop(); next !== undefined && held.size < stored.size; next = unread.pop()) {
    throwIfAborted(signal);
    const text = Buffer.from(await objects.readBytes(next.digest)).toString('latin1');
    for (const digest of digestsIn(text)) hold(digest);
  }
  return held;
}
