import type { Clock, NewEvent } from '@fairlead/kernel';
import type { ChangeContext, Gather, Reader, Tx } from './db-types.js';
import { createGather } from './gather.js';
import { insertEntries, nextEntries } from './ledger.js';

/** What somebody asks to be done in a transaction. */
export interface Change {
  readonly context: ChangeContext;
  readonly work: (tx: Tx & Reader) => Promise<unknown>;
}

/** A change that is made but not committed yet. */
export interface MadeChange {
  readonly value: unknown;
  /** To be called in order after the commit. */
  readonly callbacks: readonly (() => void)[];
}

/**
 * Makes changes inside one transaction, all at the same time, and appends their events to the ledger in the order of the
 * changes. Rejects with what failed first, when none of them is running any more.
 */
export async function makeChanges(
  connection: Reader,
  changes: readonly Change[],
  clock: Clock,
): Promise<{ readonly value: readonly MadeChange[]; readonly closing: Promise<unknown> }> {
  const gather = changes.length > 1 ? createGather(connection) : undefined;
  const opened = changes.map((change) => ({ ...change, ...openTx(connection, gather) }));
  try {
    const values = await allOf(opened.map(({ work, tx }) => work(tx)));
    const [entries] = await Promise.all([
      nextEntries(connection, {
        events: opened.flatMap(({ context, events }) => events.map((event) => ({ event, context }))),
        atMs: clock.nowMs(),
      }),
      ...opened.map(({ context, tx, events }) => context.alongside?.(tx, events)),
    ]);
    return {
      value: opened.map(({ callbacks }, i) => ({ value: values[i], callbacks })),
      closing: insertEntries(connection, entries),
    };
  } finally {
    for (const { end } of opened) end();
  }
}

/** Like Promise.all, but waits for the others when one rejects. */
async function allOf<T>(parts: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}

interface OpenTx {
  readonly tx: Tx & Reader;
  readonly events: readonly NewEvent[];
  readonly callbacks: readonly (() => void)[];
  end(): void;
}

/** What the work of one change gets. After `end` it refuses: the connection then belongs to somebody else's transaction. */
function openTx(connection: Reader, gather: Gather | undefined): OpenTx {
  const events: NewEvent[] = [];
  const callbacks: (() => void)[] = [];
  let isOpen = true;
  const inside = () => {
    if (!isOpen) throw new Error('This transaction has ended.');
    return connection;
  };
  const tx: Tx & Reader = {
    dialect: connection.dialect,
    sql: <S>() => inside().sql<S>(),
    run: async (text, parameters) => inside().run(text, parameters),
    ...(gather !== undefined && {
      gather: async (operation, input) => {
        inside();
        return gather(operation, input);
      },
    }),
    record: (event) => void events.push(event),
    afterCommit: (callback) => void callbacks.push(callback),
  };
  return {
    ...{ tx, events, callbacks },
    end: () => {
      isOpen = false;
    },
  };
}
