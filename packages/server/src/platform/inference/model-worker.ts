import type { Answers, Command } from './inference-messages.js';

/** Something that holds models and answers one command after the other: a thread, or a process. */
export interface ModelWorker {
  readonly alive: boolean;
  /** Of a process; null for a thread of this one. */
  readonly pid: number | null;
  /** Requests not answered yet. */
  readonly inFlight: number;
  /**
   * Sends a command. The buffers of `transfer` may be given away or copied.
   *
   * @throws INF_WORKER_LOST, INF_RUN_TIMEOUT or INF_RUN_MEMORY when the worker ends first, NotStartedError when it ended
   * before it came to this one, or the error of the command
   */
  request<C extends Command>(command: C, transfer?: readonly ArrayBuffer[]): Promise<Answers[C['type']]>;
  /** Lets it answer what it has, free its models and end. */
  stop(): Promise<void>;
  /** Ends it at once. Only a process can: ending a thread inside the runtime aborts the whole server. */
  readonly kill?: () => void;
}

/** Starts a worker; `onLost` is called once when it ends without having been asked to. */
export type StartWorker = (onLost: () => void) => ModelWorker;

/** The worker ended while this request was still waiting behind another one: somebody else may compute it. */
export class NotStartedError extends Error {
  override readonly name = 'NotStartedError';
}
