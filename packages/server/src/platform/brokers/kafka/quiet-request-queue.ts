import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

let quiet = false;

/**
 * Keeps the client from looking a thousand times a second, for each connection, whether a request waits where none does: the timer that
 * looks sets itself again with a negative delay, of which Node 24 also warns (github.com/tulios/kafkajs/issues/1704 and 1751, open since
 * 2024; measured: 4 % of a processor for one idle stream). Requests that wait are looked for as before, and each new one asks for it.
 */
export function quietRequestQueue(): void {
  if (quiet) return;
  quiet = true;
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    prototype: RequestQueue;
  };
  const look = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) look.call(this);
  };
}
