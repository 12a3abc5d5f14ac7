/** Wakes whoever waits in this process. Only a hint: what is true stands in the database. */
export interface Bell {
  ring(): void;
  /** How often it rang; pass an earlier answer to `wait` so that a ring in between is not missed. */
  rings(): number;
  /** Resolves at the first ring after `since`, after `maxMs`, or when the signal aborts; never rejects. */
  wait(options: { readonly maxMs: number; readonly since: number; readonly signal?: AbortSignal }): Promise<void>;
}

export function createBell(): Bell {
  const waiting = new Set<() => void>();
  let count = 0;
  return {
    ring: () => {
      count += 1;
      for (const wake of [...waiting]) wake();
    },
    rings: () => count,
    wait: ({ maxMs, since, signal }) =>
      new Promise((resolve) => {
        if (signal?.aborted || count !== since) return resolve();
        const wake = () => {
          clearTimeout(timer);
          waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, maxMs);
        waiting.add(wake);
        signal?.addEventListener('abort', wake, { once: true });
      }),
  };
}
