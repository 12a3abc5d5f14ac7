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
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A call whose types are closed, so that calls of all kinds stand in one list. */
export interface Call {
  readonly methods: readonly Method[];
  readonly path: string;
  readonly may: Action;
  /** The body of the answer as JSON text. */
  answer(fields: Fields, rooms: MlflowRooms, context: ChangeContext): Promise<string>;
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
  const { methods, path, may, parse, run, present } = definition;
  return {
    methods,
    path,
    may,
    async answer(fields, rooms, context) {
      const request = parse(fields);
      const result = await run({ rooms, context, request });
      return present === undefined ? '{}' : JSON.stringify(present(result, request));
    },
  };
}
