import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const Ms = (what: string) => Type.Integer({ description: `${what} Milliseconds since the Unix epoch, UTC.` });
const Name = (what: string) => Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$', description: what });
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

const Timeout = (description: string) => Type.Optional(Type.Integer({ minimum: 10, maximum: 86_400_000, description }));

const TensorName = (description: string) => Type.String({ minLength: 1, maxLength: 200, description });

/** How a model server is asked. */
const spoken = {
  protocol: Type.Optional(
    Type.Enum(['oip', 'mlflow'], {
      description: 'oip (default): Open Inference Protocol version 2. mlflow: /invocations and /ping.',
    }),
  ),
  model: Type.Optional(TensorName('Its name there; needed by oip.')),
  version: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  matrix: Type.Optional(
    Type.Object(
      {
        input: TensorName('Name of the one input there, [rows, columns].'),
        columns: Type.Optional(
          Type.Array(TensorName('A column of the signature.'), {
            minItems: 1,
            maxItems: 10_000,
            description: 'In their order there. Default: that of the signature.',
          }),
        ),
      },
      { ...closed, description: 'oip: the columns of the signature stand in one tensor there.' },
    ),
  ),
  outputNames: Type.Optional(
    Type.Record(Type.String({ minLength: 1, maxLength: 200 }), TensorName('Its name there.'), {
      maxProperties: 100,
      description: 'oip: what outputs are called there, by their names here (label, probabilities).',
    }),
  ),
};

export const DeploymentConfigurationSchema = Type.Object(
  {
    backend: Type.Optional(
      Type.Union(
        [
          Type.Object({ kind: Type.Literal('onnx') }, { ...closed, description: 'The model file, in this server.' }),
          Type.Object(
            {
              kind: Type.Literal('remote'),
              url: Type.String({ pattern: '^https?://[^?#\\s]+$', maxLength: 2000 }),
              ...spoken,
            },
            { ...closed, description: 'Another model server.' },
          ),
          Type.Object(
            {
              kind: Type.Literal('program'),
              command: Type.Array(Type.String({ maxLength: 4000 }), {
                minItems: 1,
                maxItems: 100,
                description: 'Program and arguments; {port} and {model}, the path of the model file, are replaced.',
              }),
              ...spoken,
              readyPath: Type.Optional(Type.String({ pattern: '^/', maxLength: 1000 })),
              startTimeoutMs: Timeout('Default 60 s.'),
              stopTimeoutMs: Timeout('Between SIGTERM and SIGKILL. Default 10 s.'),
            },
            { ...closed, description: 'The user’s own program; needs modelPrograms.' },
          ),
        ],
        { title: 'ModelBackend', description: 'Who computes. Default onnx.' },
      ),
    ),
    placement: Type.Optional(Type.Enum(['auto', 'thread', 'process'])),
    processes: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
    runTimeoutMs: Timeout('Of one run in a process of its own, or of one call.'),
    maxMemoryBytes: Type.Optional(Type.Integer({ minimum: 2 ** 26, description: 'Of each process of the model.' })),
    concurrency: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1024,
        description: 'Runs at once. Default 8 to a server or program, else as many as there are workers.',
      }),
    ),
    maxQueue: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000, description: 'Runs that may wait.' })),
  },
  {
    ...closed,
    title: 'EndpointConfiguration',
    description: 'How a model version is served; what is absent is the default of the server.',
  },
);

export const EndpointSchema = Type.Object(
  {
    name: Name('Also the model name in the Open Inference Protocol.'),
    model: Type.String({ description: 'The registered model whose versions it serves.' }),
    description: Type.String(),
    configuration: DeploymentConfigurationSchema,
    createdAtMs: Ms('Declared at.'),
  },
  { title: 'Endpoint', description: 'An address that answers with one model, whichever version is live.' },
);
export type EndpointView = Static<typeof EndpointSchema>;

export const DeclareEndpointSchema = Type.Object(
  {
    model: Name('The registered model to serve.'),
    description: Type.Optional(Type.String({ maxLength: 2000 })),
    configuration: Type.Optional(DeploymentConfigurationSchema),
  },
  { ...closed, description: 'An endpoint to declare.', examples: [{ model: 'rain-tomorrow' }] },
);

export const DeclaredEndpointSchema = Type.Object(
  { endpoint: EndpointSchema, changed: Type.Boolean({ description: 'False when it stood like this already.' }) },
  { description: 'The endpoint as it stands now.' },
);

export const DeploymentSchema = Type.Object(
  {
    id: Type.String(),
    endpoint: Type.String(),
    environment: Type.String(),
    model: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    digest: Type.String({ description: 'sha256 of the model file.' }),
    configuration: DeploymentConfigurationSchema,
    configurationDigest: Type.String({ description: 'sha256 of the configuration.' }),
    state: Type.Enum(['loading', 'ready', 'failed', 'retired']),
    error: OrNull(Type.String()),
    createdAtMs: Ms('Deployed at.'),
    createdBy: Type.String(),
  },
  { description: 'One model version made servable in one environment.' },
);
export type DeploymentView = Static<typeof DeploymentSchema>;

export const RoutingTableSchema = Type.Object(
  {
    endpoint: Type.String(),
    environment: Type.String(),
    revision: Type.Integer({ minimum: 1 }),
    entries: Type.Array(
      Type.Object({
        deploymentId: Type.String(),
        version: Type.Integer({ minimum: 1 }),
        weight: Type.Number({ minimum: 0, maximum: 1, description: 'Share of the requests; all sum to 1.' }),
      }),
      { description: 'Newest deployment first.' },
    ),
    shadows: Type.Array(Type.String(), { description: 'Deployments that get a copy of every request.' }),
    spread: Type.Optional(
      Type.Literal('rendezvous', {
        description: 'How keys are spread over more than two versions. Absent: the newest has the lowest keys.',
      }),
    ),
    reason: Type.String(),
    setBy: Type.String(),
    setAtMs: Ms('In force since.'),
  },
  { title: 'RoutingTable', description: 'Who serves which share of an endpoint.' },
);
export type RoutingTableView = Static<typeof RoutingTableSchema>;

export const DeploySchema = Type.Object(
  { version: Type.Integer({ minimum: 1, description: 'Registered version of the endpoint’s model.' }) },
  {
    ...closed,
    description: 'A version to serve alone in an environment that needs no approval.',
    examples: [{ version: 1 }],
  },
);

export const DeployedSchema = Type.Object(
  { deployment: DeploymentSchema, routing: RoutingTableSchema },
  { description: 'The deployment, which now answers every request of the environment.' },
);

const Count = (description: string) => Type.Integer({ minimum: 0, description });

export const DeploymentStatisticsSchema = Type.Object(
  {
    deploymentId: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    requests: Count('Requests, shadow copies included.'),
    rows: Count('Rows in them.'),
    errors: Count('Requests that failed by a fault of the server or the model (5xx).'),
    rejectedInputs: Count('Requests refused for their input (4xx).'),
    nonFiniteOutputs: Count('Requests whose answer was NaN or infinite.'),
    latencyMs: Type.Object({ p50: Type.Number(), p95: Type.Number(), p99: Type.Number() }),
    sinceRouting: Type.Object(
      {
        requests: Count('Requests, refused inputs left out.'),
        errors: Count('Requests that failed by a fault of the server or the model (5xx).'),
        rejectedInputs: Count('Requests refused for their input (4xx), not among the requests.'),
        nonFiniteOutputs: Count('Requests whose answer was NaN or infinite.'),
        p99Ms: Type.Number(),
      },
      { description: 'The same since the routing table in force took effect; kept over restarts.' },
    ),
  },
  { description: 'Counters of one deployment since the server started.' },
);
export type DeploymentStatisticsView = Static<typeof DeploymentStatisticsSchema>;

export const PredictBodySchema = Type.Object(
  {
    rows: Type.Array(Type.Unknown(), {
      description: 'One object per row, with one member per column of the signature.',
    }),
    ids: Type.Optional(
      Type.Array(Type.Unknown(), { description: 'An id per row, by which its ground truth is posted later.' }),
    ),
  },
  {
    ...closed,
    description:
      'Rows to predict. GET /api/v1/endpoints/{name}/openapi.json shows the columns and an example that works.',
    examples: [{ rows: [{ wind: 3.2, weather: 'rain' }], ids: ['2015-01-01'] }],
  },
);

export const PredictionSchema = Type.Object(
  {
    id: Type.String({ description: 'Joins the prediction with its ground truth.' }),
    label: Type.String(),
    probabilities: Type.Record(Type.String(), Type.Number(), {
      description: 'One per label; they sum to 1. Empty for models that give numbers.',
    }),
    value: Type.Optional(Type.Number({ description: 'The number, for models that give numbers.' })),
    outputs: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'What the model gives beyond that, by output: one value, or a list of them.',
      }),
    ),
  },
  { description: 'The answer for one row.' },
);

export const InputWarningSchema = Type.Object(
  {
    row: Type.Integer({ minimum: 0 }),
    column: Type.String(),
    kind: Type.Enum(['out-of-range', 'unseen-category', 'missing']),
    value: Type.String(),
  },
  { description: 'A value that training never saw; answered, but flagged.' },
);

export const PredictAnswerSchema = Type.Object(
  {
    requestId: Type.String(),
    model: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    digest: Type.String({ description: 'sha256 of the model file that answered.' }),
    routeReason: Type.String({ description: 'only, weight, override, or fallback: its own version is not loaded.' }),
    predictions: Type.Array(PredictionSchema, { description: 'In the order of the rows.' }),
    warnings: Type.Array(InputWarningSchema),
  },
  { description: 'Predictions and which model made them.' },
);
export type PredictAnswerView = Static<typeof PredictAnswerSchema>;
