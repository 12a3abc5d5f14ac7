import type { ChangeContext } from '../../platform/db/index.js';
import type { Action } from '../../platform/identity/index.js';
import type { MlflowRooms } from './mlflow-rooms.js';
import type { Fields } from './read-fields.js';

export interface CallRequest<Request> {
  readonly rooms: MlflowRooms;
  readonly context: ChangeContext;
  readonly request: Request;
}

/** One call of MLflow's API, in three steps that know nothing of each other. */
export interface CallDefinition<Request, Result> {
  readonly methods: readonly Method[];
  /** Below both prefixes, without a leading slash; `:name` parts are read like fields. */
  readonly path: string;
  /** What the caller must be allowed to do. */
  readonly may: Action;
  /** The fields as the services want them. Throws MLF_PARAMETER_MISSING and MLF_PARAMETER_INVALID. */
  readonly parse: (fields: Fields) => Request;
  /** Asks or tells the services; decides nothing. */
  readonly run: (call: CallRequest<Request>) => Promise<Result>;
  /** The answer as MLflow's clients read it; `undefined` members are left out. Absent: `{}`. */
  readonly present?: (result: Result, request: Request) => object;
  /** Instead of `present`: the answer as JSON text, of results whose items are texts already. */
  readonly write?: (result: Result) => string;
  /** Of calls that make something each time they are sent: clients send them again when they got no answer. */
  readonly makes?: {
    /** The kind of thing, as its event names it. */
    readonly kind: string;
    /** What was made, as it is now, or nothing when it is gone. */
    readonly find: (rooms: MlflowRooms, id: string) => Promise<Result | undefined>;
  };
}

/** Who calls, and whether the answer got there. */
export interface Caller {
  readonly context: ChangeContext;
  readonly heard: () => Promise<boolean>;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A call whose types are closed, so that calls of all kinds stand in one list. */
export interface Call {
  readonly methods: readonly Method[];
  readonly path: string;
  readonly may: Action;
  /** The kind of thing that it makes. */
  readonly makes: string | undefined;
  /** The body of the answer as JSON text. */
  answer(fields: Fields, rooms: MlflowRooms, caller: Caller): Promise<string>;
}

/**
 * @example
 * defineCall({
 *   methods: ['GET'],
 *   path: 'experiments/get',
 *   may: 'experiment:read',
 *   parse: (fields) => fields.neededText('experiment_id'),
 *   run: ({ rooms, request }) => rooms.tracking.experiment(request),
 *   present: (experiment) => ({ experiment: presentExperiment(experiment) }),
 * });
 */
export function defineCall<Request, Result>(definition: CallDefinition<Request, Result>): Call {
  const { methods, path, may, parse, run, present, write, makes } = definition;
  return {
    methods,
    path,
    may,
    makes: makes?.kind,
    async answer(fields, rooms, { context, heard }) {
      const request = parse(fields);
      const make = (given: ChangeContext) => run({ rooms, context: given, request });
      const result =
        makes === undefined
          ? await make(context)
          : await rooms.idempotency.once(
              { context, facts: [path, fields.values], kind: makes.kind, heard: heard() },
              { make, find: (id) => makes.find(rooms, id) },
            );
      if (write !== undefined) return write(result);
      return present === undefined ? '{}' : JSON.stringify(present(result, request));
    },
  };
}
