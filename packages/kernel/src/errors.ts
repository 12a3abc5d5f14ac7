/** Who can mend an error: the caller (`user`) or the operator (`system`). */
export type Fault = 'user' | 'system';

/** One row of a room's error table. `status` is the HTTP status; `remedy` says what to do next, in one sentence. */
export interface ErrorSpec {
  readonly status: number;
  readonly fault: Fault;
  readonly title: string;
  readonly remedy: string;
}

export interface ErrorDetails {
  /** Structured facts: what was observed, what was expected. Must be JSON. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** A coded error. Match on `code`, never on `instanceof`: two copies of a package may meet in one process. */
export class FairleadError extends Error {
  readonly code: string;
  readonly status: number;
  readonly fault: Fault;
  readonly remedy: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Random id shown to the user and written to the log, so that the two can be joined. */
  readonly id: string;

  constructor(code: string, spec: ErrorSpec, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'FairleadError';
    this.code = code;
    this.status = spec.status;
    this.fault = spec.fault;
    this.remedy = spec.remedy;
    this.data = details.data ?? {};
    this.id = globalThis.crypto.randomUUID().slice(0, 8);
  }
}

export type ErrorFactory = (message: string, details?: ErrorDetails) => FairleadError;
export type ErrorTable = Readonly<Record<string, ErrorSpec>>;

const tables = new WeakMap<object, { owner: string; table: ErrorTable }>();

/**
 * Declares the error table of a room or driver and returns one factory per code.
 *
 * @example
 * const registryErrors = defineErrors('registry', {
 *   REG_MODEL_NOT_FOUND: { status: 404, fault: 'user', title: 'No such model', remedy: 'List models with `fairlead model list`.' },
 * });
 * throw registryErrors.REG_MODEL_NOT_FOUND(`There is no model named ${name}.`, { data: { name } });
 */
export function defineErrors<const T extends ErrorTable>(
  owner: string,
  table: T,
): { readonly [C in keyof T]: ErrorFactory } {
  const factories: Record<string, ErrorFactory> = {};
  for (const [code, spec] of Object.entries(table)) {
    factories[code] = (message, details) => new FairleadError(code, spec, message, details);
  }
  tables.set(factories, { owner, table });
  return factories as { readonly [C in keyof T]: ErrorFactory };
}

/** The table behind a value made by {@link defineErrors}, or undefined: used to generate docs/reference/errors.md. */
export function errorTableOf(value: unknown): { owner: string; table: ErrorTable } | undefined {
  return typeof value === 'object' && value !== null ? tables.get(value) : undefined;
}

/** True for anything that carries the fields of a {@link FairleadError}, whichever copy of the package made it. */
export function isFairleadError(error: unknown): error is FairleadError {
  return (
    error instanceof Error &&
    typeof (error as Partial<FairleadError>).code === 'string' &&
    typeof (error as Partial<FairleadError>).remedy === 'string' &&
    typeof (error as Partial<FairleadError>).status === 'number'
  );
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
