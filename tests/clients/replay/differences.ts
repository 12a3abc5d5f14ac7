/** A difference from MLflow's server that is meant, and why. */
export interface AllowedDifference {
  /** Names of requests. */
  readonly requests: readonly string[];
  readonly reason: string;
  /** What Fairlead answers instead: its status, and its error code when it refuses. */
  readonly status: number;
  readonly errorCode?: string;
}

/** Fields that are not compared anywhere, and why. */
export const IGNORED_FIELDS: Readonly<Record<string, string>> = {
  workspace: 'a home of Fairlead has no workspaces; no client reads the field from a server without them',
  user_id: 'Fairlead says who made a version; MLflow leaves it out without its login',
};

export const ALLOWED_DIFFERENCES: readonly AllowedDifference[] = [
  {
    requests: ['create with a body that is a list'],
    reason: 'a mistake of the client: MLflow fails with 500',
    status: 400,
    errorCode: 'INVALID_PARAMETER_VALUE',
  },
  {
    requests: ['a body that is a text'],
    reason: 'a mistake of the client: MLflow fails with 500',
    status: 400,
    errorCode: 'BAD_REQUEST',
  },
  {
    requests: ['rename a deleted one'],
    reason: 'a mistake of the client: MLflow answers with 500, which its clients repeat for minutes',
    status: 400,
    errorCode: 'INVALID_PARAMETER_VALUE',
  },
  {
    requests: ['search with a view that is none'],
    reason: 'a view that does not exist is refused; MLflow takes the active ones in silence',
    status: 400,
    errorCode: 'INVALID_PARAMETER_VALUE',
  },
  {
    requests: ['a body with null'],
    reason: 'the field is told by name; MLflow passes on what its database says',
    status: 400,
    errorCode: 'INVALID_PARAMETER_VALUE',
  },
  {
    requests: ['a history of what is not'],
    reason: 'a run that does not exist has no history; MLflow answers with an empty one',
    status: 404,
    errorCode: 'RESOURCE_DOES_NOT_EXIST',
  },
  {
    requests: ['a call that is not', 'a call that is not of any prefix'],
    reason: 'the same status, as an error that programs can read instead of a page of HTML',
    status: 404,
    errorCode: 'ENDPOINT_NOT_FOUND',
  },
  {
    requests: ['a call with a wrong method'],
    reason: 'the same status, as an error that programs can read instead of a page of HTML',
    status: 405,
    errorCode: 'ENDPOINT_NOT_FOUND',
  },
  {
    requests: ['search without a limit'],
    reason: 'the documented default is taken; MLflow asks for a limit that its own client always sends',
    status: 200,
  },
  {
    requests: ['restore the experiment again'],
    reason: 'what a client repeats after a lost answer succeeds',
    status: 200,
  },
  {
    requests: ['write a file', 'write a file of letters', 'write it anew'],
    reason: 'an empty object, as every other call answers, instead of no body',
    status: 200,
  },
  {
    requests: ['a sampled history'],
    reason:
      'even steps and the last one besides; newer releases of MLflow give even rows instead, and the last for one of them',
    status: 200,
  },
  {
    requests: ['delete the experiment again'],
    reason: 'what a client repeats after a lost answer succeeds',
    status: 200,
  },
  {
    requests: ['create a run without an experiment'],
    reason: 'the missing field is told by name; MLflow passes on what its database says',
    status: 400,
    errorCode: 'INVALID_PARAMETER_VALUE',
  },
  {
    requests: ['log an input without a digest'],
    reason: 'a dataset without a digest cannot be told from another; MLflow keeps an empty one',
    status: 400,
    errorCode: 'INVALID_PARAMETER_VALUE',
  },
  {
    requests: ['tag the logged model'],
    reason: 'the tagged model is answered, as by the calls beside it, instead of an empty object',
    status: 200,
  },
  {
    requests: [
      'the model with its versions',
      'search models',
      'search models by tag',
      'search versions',
      'rename the model',
      'the renamed model',
      'search versions by run',
    ],
    reason: 'a version names its aliases wherever it is told; MLflow leaves them out of lists',
    status: 200,
  },
];
