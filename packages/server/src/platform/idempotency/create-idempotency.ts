import { createHash } from 'node:crypto';
import { type Clock, canonicalJson, createTurns, type NewEvent, newId, systemActor } from '@fairlead/kernel';
import type { ChangeContext, Db, Reader } from '../db/index.js';
import {
  insertUnheard,
  removeUnheard,
  removeUnheardBefore,
  type UnheardAnswer,
  unheardOf,
} from './idempotency-store.sql.js';

/** MLflow's client repeats a request for four minutes. */
const KEPT_MS = 5 * 60_000;
/** Answers that arrived are forgotten together: one commit for all of this time, instead of one more for each. */
const FORGET_AFTER_MS = 250;

/** A request that makes something and carries no key of its own. */
export interface SoleRequest {
  readonly context: ChangeContext;
  /** Route and body: who sends the same again gets the first answer, unless that arrived. */
  readonly facts: unknown;
  /** The kind of what it makes, as its event says it: `subject.kind`. */
  readonly kind: string;
  /** Ends with the answer: whether it was a good one and left completely. */
  readonly heard: Promise<boolean>;
}

export interface Idempotency {
  /**
   * What `make` makes in the given context, or what an equal request of the same actor made in the last five minutes when its
   * answer did not arrive. Equal requests go one after the other: the next begins when it is known whether the former was heard.
   */
  once<T>(
    request: SoleRequest,
    work: {
      /** Must pass the context on to the transaction that makes the thing and records its event. */
      readonly make: (context: ChangeContext) => Promise<T>;
      /** What was made, as it is now; undefined or an error of status 404 when it is gone: then it is made anew. */
      readonly find: (id: string) => Promise<T | undefined>;
    },
  ): Promise<T>;
  close(): Promise<void>;
}

export interface IdempotencyDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly onError: (error: unknown, message: string) => void;
}

/** Makes repeats of requests harmless that carry no key of their own; see README.md. */
export function createIdempotency({ db, clock, onError }: IdempotencyDeps): Idempotency {
  const inTurn = createTurns();
  const heard = createHeardList({ db, clock, onError });

  const remembered = async <T>(request: string, find: (id: string) => Promise<T | undefined>) => {
    for (const answer of await unheardOf(db, { request, sinceMs: clock.nowMs() - KEPT_MS })) {
      if (heard.has(answer.id)) continue;
      const found = await find(answer.made).catch(unlessMissing);
      if (found !== undefined) return { answer, found };
      heard.add(answer.id);
    }
    return undefined;
  };

  return {
    once: (sole, { make, find }) => {
      const request = digestOf(sole);
      let answer: UnheardAnswer | undefined;
      const attempt = async () => {
        const before = await remembered(request, find);
        answer = before?.answer;
        if (before !== undefined) return before.found;
        const alongside = async (tx: Reader, events: readonly NewEvent[]) => {
          const event = events.find(({ subject }) => subject.kind === sole.kind);
          if (event === undefined) return;
          const atMs = clock.nowMs();
          answer = { id: newId(atMs), request, made: event.subject.id };
          await insertUnheard(tx, answer, atMs);
        };
        return make({ ...sole.context, alongside });
      };
      return new Promise((resolve, reject) => {
        void inTurn(request, async () => {
          await attempt().finally(letArrivalsIn).then(resolve, reject);
          if ((await sole.heard) && answer !== undefined) heard.add(answer.id);
        });
      });
    },
    close: heard.close,
  };
}

/** Takes answers that arrived out of the table, soon and many at once. */
function createHeardList({ db, clock, onError }: IdempotencyDeps) {
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> = Promise.resolve();
  const forgetWaiting = async () => {
    const batch = [...waiting];
    if (batch.length === 0) return;
    try {
      await db.transact({ actor: systemActor }, async (tx) => {
        await removeUnheard(tx, batch);
        await removeUnheardBefore(tx, clock.nowMs() - KEPT_MS);
      });
      for (const id of batch) waiting.delete(id);
    } catch (error) {
      // They stay in the list, which is what counts while this process lives.
      onError(error, 'answers that arrived could not be forgotten');
    }
  };
  const flush = () => {
    timer = undefined;
    flushing = flushing.then(forgetWaiting);
    return flushing;
  };
  return {
    has: (id: string) => waiting.has(id),
    add: (id: string) => {
      waiting.add(id);
      timer ??= setTimeout(flush, FORGET_AFTER_MS).unref();
    },
    close: async () => {
      clearTimeout(timer);
      await flush();
    },
  };
}

function digestOf({ context: { actor }, facts, kind }: SoleRequest): string {
  return createHash('sha256')
    .update(canonicalJson([actor.kind, actor.id, kind, facts]))
    .digest('hex');
}

function unlessMissing(error: unknown): undefined {
  if ((error as { status?: number }).status !== 404) throw error;
}

/**
 * One turn of the event loop with everything that arrived in it. The work before may have held the loop; a caller that went
 * away meanwhile is noticed before its answer is written, which would count as heard.
 */
async function letArrivalsIn(): Promise<void> {
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}
