import type { PartitionIntake } from './partition-intake.js';

const AGAIN_MS = 1_000;

/** Commits what an intake has, one request at a time: whatever is acknowledged meanwhile goes with the next one. */
export interface Commits {
  soon(): void;
  /** What was committed says nothing of partitions that are assigned anew. */
  forget(): void;
  /** Resolves when all that can be committed is, or cannot be. */
  settled(): Promise<void>;
}

export function commitInTurn(
  intake: Pick<PartitionIntake, 'marks'>,
  commit: (marks: [partition: number, offset: bigint][]) => Promise<void>,
): Commits {
  let committed = new Map<number, bigint>();
  let turn: Promise<void> | undefined;
  let again: NodeJS.Timeout | undefined;
  const run = async (): Promise<void> => {
    // What is acknowledged together is committed together.
    await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const mine = committed;
      const marks = [...intake.marks()].filter(([partition, offset]) => mine.get(partition) !== offset);
      if (marks.length === 0) return;
      await commit(marks);
      for (const [partition, offset] of marks) mine.set(partition, offset);
    }
  };
  const start = (): Promise<void> => {
    clearTimeout(again);
    turn ??= run()
      // Nothing is lost by it: what is not committed is delivered again.
      .catch(() => {
        again = setTimeout(start, AGAIN_MS);
      })
      .finally(() => {
        turn = undefined;
      });
    return turn;
  };
  return {
    soon: () => void start(),
    forget: () => {
      committed = new Map();
    },
    settled: async () => {
      await turn;
      await start();
      clearTimeout(again);
    },
  };
}
