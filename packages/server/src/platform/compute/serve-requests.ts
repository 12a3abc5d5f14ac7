import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { toWire } from './compute-messages.js';
import { transferableBuffers } from './serve-thread.js';
import type { TeamAnswer, TeamStart } from './thread-team.js';

/** `aborted` turns true when nobody wants any answer of the team; read it between units of work. */
export interface TeamHost {
  readonly stop: { readonly aborted: boolean; readonly reason: unknown };
}

/**
 * Answers the requests of a thread that `openThreadTeam` started, one after another, until the team is closed. Whole,
 * unshared buffers of an answer are given away.
 */
export function serveRequests<Input, Request, Answer>(
  create: (input: Input, host: TeamHost) => (request: Request) => Answer,
): void {
  const port = parentPort;
  if (isMainThread || port === null) throw new Error('this file is the entry of a thread and runs nowhere else');
  const { input, stop } = workerData as TeamStart;
  const host: TeamHost = {
    stop: {
      get aborted() {
        return Atomics.load(stop, 0) === 1;
      },
      reason: new Error('the computation was stopped'),
    },
  };
  let work: ((request: Request) => Answer) | undefined;
  port.on('message', (request: Request) => {
    try {
      work ??= create(input as Input, host);
      const answer = work(request);
      port.postMessage({ answer } satisfies TeamAnswer, transferableBuffers(answer));
    } catch (error) {
      port.postMessage({ error: toWire(error) } satisfies TeamAnswer);
    }
  });
}
