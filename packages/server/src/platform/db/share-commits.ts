import type { Reader } from './db-types.js';
import type { Connections } from './engine.js';

/** How long one commit goes on taking in transactions that wait: what the first of them may wait for the others. */
const SHARING_MS = 10;

interface Member {
  /** Does its part; gives what tells its caller, to be called after the commit. */
  run(): Promise<() => void>;
  reject(error: unknown): void;
}

interface Kept {
  readonly settle: () => void;
  readonly reject: (error: unknown) => void;
}

export interface SharedCommits {
  readonly transact: Connections['transact'];
  /** Runs `work` while no transaction is open. */
  between(work: () => void): Promise<void>;
}

/**
 * Transactions of a single writer, one after the other in the order in which they came. Those that wait together share one
 * commit, each behind a savepoint of its own: one that fails takes back what it did and nothing else. Nobody is told before the
 * commit. Sharing is what makes `durability: full` affordable, where every commit waits for the disk.
 */
export function shareCommits(reader: Reader, exec: (text: string) => void): SharedCommits {
  const waiting: Member[] = [];
  const between: (() => void)[] = [];
  let isServing = false;

  const serve = async () => {
    while (waiting.length + between.length > 0) {
      for (const work of between.splice(0)) work();
      await commitTogether(waiting, exec);
    }
    isServing = false;
  };
  const wake = () => {
    if (isServing) return;
    isServing = true;
    // After the requests that this turn of the event loop still has to read: they share the commit.
    setImmediate(serve);
  };
  return {
    transact: (work) =>
      new Promise((resolve, reject) => {
        const run = async () => {
          const { value, closing } = await work(reader);
          await closing;
          return () => resolve(value);
        };
        waiting.push({ run, reject });
        wake();
      }),
    between: (work) =>
      new Promise((resolve, reject) => {
        between.push(() => {
          try {
            resolve(work());
          } catch (error) {
            reject(error);
          }
        });
        wake();
      }),
  };
}

async function commitTogether(waiting: Member[], exec: (text: string) => void): Promise<void> {
  if (waiting.length === 0) return;
  try {
    exec('begin immediate');
  } catch (error) {
    waiting.shift()?.reject(error);
    return;
  }
  const kept: Kept[] = [];
  try {
    const untilMs = performance.now() + SHARING_MS;
    do {
      const member = waiting.shift();
      if (member === undefined) break;
      exec('savepoint member');
      try {
        kept.push({ settle: await member.run(), reject: member.reject });
      } catch (error) {
        member.reject(error);
        takeBack(exec, error);
      }
      exec('release member');
    } while (performance.now() < untilMs);
    exec('commit');
  } catch (error) {
    // Among others of a full disk SQLite takes back the whole transaction, not only the savepoint: nobody's part is kept.
    tryToRollBack(exec);
    for (const { reject } of kept) reject(error);
    return;
  }
  for (const { settle } of kept) settle();
}

/** Of what the others did nothing can be kept either when SQLite has no savepoint any more: they are told why. */
function takeBack(exec: (text: string) => void, why: unknown): void {
  try {
    exec('rollback to member');
  } catch {
    throw why;
  }
}

function tryToRollBack(exec: (text: string) => void): void {
  try {
    exec('rollback');
  } catch {
    // SQLite has done it already.
  }
}
