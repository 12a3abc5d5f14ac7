export interface FleetOptions {
  /** The compiled file of the program. */
  readonly entry: URL;
  /** Members. */
  readonly size: number;
  /** Flags for Node beside those of this process. */
  readonly execArgv?: readonly string[];
  /** What a member is set up with, asked anew for each; later changes reach it by {@link Fleet.tell}. */
  readonly state: () => unknown;
  /** Answers what a member asks. */
  readonly answer: (request: never, member: number) => unknown;
  /** A member has ended; its number is not used again. */
  readonly onLost?: (member: number) => void;
  readonly onError: (error: unknown, message: string) => void;
}

export interface TellOptions {
  /** Default 5 s. */
  readonly timeoutMs?: number;
  /** A member that is late is not killed, and not waited for any longer. */
  readonly mayBeLate?: boolean;
}

export interface Fleet {
  /** Resolves when all members listen, with what they say of their addresses. @throws FLT_NOT_STARTED, or the error of a member */
  start(): Promise<unknown>;
  /**
   * Resolves when every member that answers has applied the change, in time or by being killed.
   *
   * @throws the first error of a member; the others have applied it
   */
  tell(change: unknown, options?: TellOptions): Promise<void>;
  /** Members that listen. */
  answering(): number;
  /** Asks all members to finish within `timeoutMs`, and ends them. */
  stop(timeoutMs: number): Promise<void>;
}

/** What a member's program does. */
export interface Membership<S> {
  /** Sets the program up; changes that arrive meanwhile wait. */
  readonly setUp: (state: S) => Promise<void>;
  readonly apply: (change: never) => unknown;
  /** Begins to answer; what it returns goes to the leader. */
  readonly listen: () => Promise<unknown>;
  /** Finishes what was begun. */
  readonly stop: (timeoutMs: number) => Promise<void>;
}

/** The order to finish, beside the changes of the leader's own. */
export interface StopOrder {
  readonly fleet: 'stop';
  readonly timeoutMs: number;
}

/** What members tell of themselves, beside requests of their own. */
export type MemberNews =
  | { readonly fleet: 'join' | 'ready' }
  | { readonly fleet: 'listening'; readonly addresses: unknown }
  | { readonly fleet: 'failed'; readonly error: unknown };
