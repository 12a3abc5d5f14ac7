import type { Clock } from '@fairlead/kernel';
import type { Connections } from './engine.js';
import { type Change, type MadeChange, makeChanges } from './make-changes.js';

/** Changes of one transaction: what one that must be made again alone costs the others. */
const MEMBERS = 64;
/**
 * Transactions at a time. One: what comes while it waits for the disk goes together into the next. With two they were half as
 * large, for the same requests, and what a transaction costs by itself was paid twice.
 */
const LANES = 1;
/**
 * A change that has to wait for a row holds up the others no longer than this. It is less than the second after which
 * PostgreSQL ends a deadlock, so it is never somebody else who is ended.
 */
const LOCK_TIMEOUT_MS = 250;

interface Member extends Change {
  readonly key: string;
  resolve(made: MadeChange): void;
  reject(error: unknown): void;
}

/**
 * Gathers changes that come together into one transaction: one BEGIN, one append to the ledger and one wait for the disk for
 * all of them, and statements that travel together. Two changes with the same key are never in one transaction. When any of them
 * fails, everything is taken back and each is made again in a transaction of its own, where it succeeds or fails by itself.
 */
export function shareTransactions({ transact }: Pick<Connections, 'transact'>, clock: Clock) {
  let waiting: Member[] = [];
  const busy = new Set<string>();
  let lanes = 0;

  /** The first that wait, of each key one. */
  const take = (): Member[] => {
    const taken: Member[] = [];
    waiting = waiting.filter((member) => {
      if (taken.length >= MEMBERS || busy.has(member.key)) return true;
      busy.add(member.key);
      taken.push(member);
      return false;
    });
    return taken;
  };
  const serve = async () => {
    for (let members = take(); members.length > 0; members = take()) {
      await commitTogether(members);
      for (const { key } of members) busy.delete(key);
    }
    lanes -= 1;
  };

  const commitTogether = async (members: readonly Member[]) => {
    let isMade = false;
    try {
      const made = await transact(
        async (connection) => {
          const all = await makeChanges(connection, members, clock);
          isMade = true;
          return all;
        },
        { lockTimeoutMs: LOCK_TIMEOUT_MS, plansOnce: true },
      );
      for (const [i, { resolve }] of members.entries()) resolve(made[i] as MadeChange);
    } catch (error) {
      if (isMade && !isTakenBack(error)) for (const { reject } of members) reject(error);
      else if (members.length === 1 && !isImpatient(error)) members[0]?.reject(error);
      else for (const member of members) void commitAlone(member);
    }
  };
  const commitAlone = async (member: Member) => {
    try {
      const [made] = await transact((connection) => makeChanges(connection, [member], clock));
      member.resolve(made as MadeChange);
    } catch (error) {
      member.reject(error);
    }
  };

  return (change: Change, key: string): Promise<MadeChange> =>
    new Promise((resolve, reject) => {
      waiting.push({ ...change, key, resolve, reject });
      if (lanes >= LANES) return;
      lanes += 1;
      // After the requests that this turn of the event loop still has to read: they share the transaction.
      setImmediate(serve);
    });
}

/** Whether PostgreSQL itself refused, and so kept nothing; a connection that broke at COMMIT says nothing about it. */
function isTakenBack(error: unknown): boolean {
  return (error as { severity?: string }).severity === 'ERROR';
}

const LOCK_NOT_AVAILABLE = '55P03';

function isImpatient(error: unknown): boolean {
  return (error as { code?: string }).code === LOCK_NOT_AVAILABLE;
}
