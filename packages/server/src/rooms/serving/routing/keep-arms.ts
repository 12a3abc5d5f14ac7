import { systemActor } from '@fairlead/kernel';
import type { ServingParts } from '../serving-deps.js';
import type { StoredArm } from '../serving-store.js';

const EVERY_MS = 5_000;

export interface ArmsKeeper {
  /** Gives the loaded deployments back what a former process counted under the routing tables in force. */
  resume(): Promise<void>;
  /** Writes down what changed since the last time. */
  save(): Promise<void>;
  /** From now on saves every five seconds. */
  start(): void;
  /** The last save; none follows. */
  stop(): Promise<void>;
}

/**
 * Keeps what each routed deployment counted over restarts, so that a guardrail does not forget errors because the process
 * was replaced. A kill takes away the counts of the last seconds, never more: writing each answer would cost each answer.
 */
export function keepArms(parts: Pick<ServingParts, 'db' | 'store' | 'live' | 'onError'>): ArmsKeeper {
  const { db, store, live, onError } = parts;
  const saved = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    const changed = armsOf(parts).filter((arm) => saved.get(arm.deploymentId) !== markOf(arm));
    if (changed.length === 0) return;
    await db.transact({ actor: systemActor }, async (tx) => {
      for (const arm of changed) await store.saveArm(tx, arm);
    });
    for (const arm of changed) saved.set(arm.deploymentId, markOf(arm));
  };
  const save = (): Promise<void> => {
    saving = saving.then(write).catch((error) => onError(error, 'the counts of the deployments could not be kept'));
    return saving;
  };
  return {
    resume: async () => {
      const revisions = new Map(
        live.tables().map((table) => [`${table.endpoint}@${table.environment}`, table.revision]),
      );
      for (const { deploymentId, endpoint, environment, revision, counts } of await store.listArms(db)) {
        if (revisions.get(`${endpoint}@${environment}`) !== revision) continue;
        live.get(deploymentId)?.counters.beginRouting(counts);
      }
    },
    save,
    start: () => {
      timer ??= setInterval(() => void save(), EVERY_MS).unref();
    },
    stop: () => {
      clearInterval(timer);
      return save();
    },
  };
}

/** Whatever is routed or shadows, where it is loaded. */
function armsOf({ live }: Pick<ServingParts, 'live'>): StoredArm[] {
  return live.tables().flatMap(({ endpoint, environment, revision, entries, shadows }) =>
    [...entries.map((entry) => entry.deploymentId), ...shadows].flatMap((deploymentId) => {
      const servable = live.get(deploymentId);
      return servable === undefined
        ? []
        : [{ deploymentId, endpoint, environment, revision, counts: servable.counters.arm() }];
    }),
  );
}

/** What tells one state of an arm from the next: its counts only ever grow under one revision. */
function markOf({ revision, counts }: StoredArm): string {
  const answered = counts.latency.reduce((sum, [, count]) => sum + count, 0);
  return `${revision}/${answered}/${counts.rejectedInputs}`;
}
