/** What an error answer of the server says. */
export interface ApiErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** HTTP status. */
  readonly status: number;
  /** Also written to the server's log. */
  readonly id: string;
  readonly requestId: string | null;
}

/** A refusal or a fault that the server answered with. Match on `code`. */
export class FairleadApiError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly fault: 'user' | 'system';
  readonly id: string;
  readonly requestId: string | null;

  constructor(facts: ApiErrorFacts) {
    super(facts.message);
    this.name = 'FairleadApiError';
    this.code = facts.code;
    this.remedy = facts.remedy;
    this.data = facts.data;
    this.status = facts.status;
    this.fault = facts.status >= 500 ? 'system' : 'user';
    this.id = facts.id;
    this.requestId = facts.requestId;
  }
}

/** True for errors that a server answered with, whichever copy of this package made them. */
export function isFairleadApiError(error: unknown): error is FairleadApiError {
  return error instanceof Error && error.name === 'FairleadApiError';
}
