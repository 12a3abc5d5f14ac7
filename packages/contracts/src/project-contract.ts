import { type Static, Type } from 'typebox';
import { byKind, closed, DurationSchema, Name, natural, ofKind, positive } from './project-shapes.js';
import { EnvironmentDeclarationSchema, ReleasePolicyDeclarationSchema } from './release-policy-contract.js';
import { StreamDeclarationSchema } from './stream-contract.js';

// The project file: one shape for fairlead.yaml, fairlead.json and fairlead.config.ts. Unknown members are refused
// everywhere, so that a misspelt key is an error and not a silent default.

const Sql = (description: string) => Type.String({ minLength: 1, maxLength: 4000, description });
const named = <T extends Parameters<typeof Type.Record>[1]>(value: T, description: string) =>
  Type.Record(Name, value, { ...closed, description });

const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

export const ColumnSpecSchema = Type.Object(
  {
    type: Type.Enum(['number', 'integer', 'boolean', 'string', 'timestamp']),
    from: Type.Optional(Type.String({ description: 'Name in the source when it differs.' })),
    required: Type.Optional(
      Type.Boolean({ description: 'A missing value sends the row to quarantine. Default false.' }),
    ),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    values: Type.Optional(Type.Array(Scalar, { minItems: 1, description: 'The only values allowed.' })),
    pattern: Type.Optional(Type.String({ description: 'RE2 expression that the whole text must match.' })),
    unit: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
  },
  { ...closed, description: 'The contract of one column.' },
);

export const SourceSchema = Type.Object(
  {
    path: Type.String({ minLength: 1, description: 'File, folder or http(s) address; relative to the project file.' }),
    format: Type.Optional(Type.Union([Type.Literal('csv'), Type.Literal('jsonl'), Type.Literal('parquet')])),
    columns: Type.Optional(
      named(ColumnSpecSchema, 'The contract, column by column. Absent: inferred once, then fixed.'),
    ),
    where: Type.Optional(Sql('Which rows to take: an SQL condition over the source columns.')),
    derive: Type.Optional(named(Sql('An SQL expression over the columns of the same row.'), 'Extra columns.')),
  },
  { ...closed, description: 'Where data comes from and what must be true of each row.' },
);

const check = <K extends string, P extends Record<string, unknown>>(kind: K, properties: P) =>
  Type.Object({ name: Name, kind: Type.Literal(kind), ...(properties as object) }, closed);
const CheckSchema = byKind('A rule over whole rows or the whole delivery.', [
  check('row', { sql: Sql('True for a good row.') }),
  check('unique', { columns: Type.Array(Type.String(), { minItems: 1 }) }),
  check('row-count', { min: Type.Optional(Type.Integer({ minimum: 0 })), max: Type.Optional(Type.Integer()) }),
  check('table', { sql: Sql('An aggregate condition that must be true of the delivery.') }),
]);

export const DatasetDeclarationSchema = Type.Object(
  {
    description: Type.Optional(Type.String()),
    source: SourceSchema,
    time: Type.Optional(Type.String({ description: 'The column that says when a row was observed.' })),
    entity: Type.Optional(Type.Array(Type.String(), { description: 'Columns that say what a row is about.' })),
    checks: Type.Optional(Type.Array(CheckSchema)),
    maxRejectedRatio: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Above this share the delivery is refused. Default 0.05.' }),
    ),
    label: Type.Optional(
      Type.Object(
        { name: Name, of: Type.String(), horizon: DurationSchema },
        { ...closed, description: 'What to predict: the value of `of` for the same entity, `horizon` later.' },
      ),
    ),
  },
  { ...closed, description: 'A dataset, its source and its contract.' },
);

const stepCommon = {
  needs: Type.Optional(Type.Array(Name)),
  inputs: Type.Optional(named(Type.String({ pattern: '^[^.]+\\.[^.]+$' }), 'Input name → `step.output`.')),
  retries: Type.Optional(Type.Integer({ minimum: 0, maximum: 10 })),
  timeout: Type.Optional(DurationSchema),
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 4294967295 })),
  cacheSalt: Type.Optional(Type.String()),
  cache: Type.Optional(Type.Boolean()),
};
const withParams = { with: Type.Optional(Type.Record(Type.String(), Type.Unknown())) };

const StepSchema = Type.Object(
  {
    ...stepCommon,
    ...withParams,
    uses: Type.Optional(Type.String({ description: 'A built-in step, for example `train`.' })),
    function: Type.Optional(Type.String({ pattern: '^[^#]+#[A-Za-z_$][\\w$]*$', description: 'module#export' })),
    run: Type.Optional(Type.Array(Type.String(), { minItems: 1, description: 'A command and its arguments.' })),
    outputs: Type.Optional(named(Type.String(), 'Output name → file below FAIRLEAD_OUTPUT_DIR.')),
    env: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), Type.String())),
    code: Type.Optional(Type.Array(Type.String(), { description: 'Further files that belong to its code.' })),
  },
  { ...closed, description: 'One step: exactly one of `uses`, `function` or `run`.' },
);

const TriggerSchema = Type.Unsafe<Record<string, unknown> & { on: string }>({
  type: 'object',
  required: ['on'],
  discriminator: { propertyName: 'on' },
  oneOf: [
    Type.Object({ on: Type.Literal('schedule'), cron: Type.String(), timezone: Type.Optional(Type.String()) }, closed),
    Type.Object({ on: Type.Literal('data-version'), dataset: Name }, closed),
    Type.Object({ on: Type.Literal('event'), type: Type.String() }, closed),
  ],
  description: 'What starts the pipeline by itself.',
});

export const PipelineDeclarationSchema = Type.Object(
  {
    description: Type.Optional(Type.String()),
    steps: named(StepSchema, 'Steps by name; the order follows from `needs` and `inputs`.'),
    triggers: Type.Optional(Type.Array(TriggerSchema)),
    params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    concurrency: Type.Optional(Type.Union([Type.Literal('queue'), Type.Literal('skip')])),
  },
  closed,
);

export const EndpointDeclarationSchema = Type.Object(
  { model: Name, description: Type.Optional(Type.String()), release: ReleasePolicyDeclarationSchema },
  closed,
);

export const MonitorDeclarationSchema = Type.Object(
  {
    endpoint: Name,
    environment: Type.Optional(Name),
    windowRows: natural,
    minRows: Type.Optional(natural),
    reference: Type.Optional(Type.Union([Type.Literal('training'), Type.Literal('same-season')])),
    everyRows: Type.Optional(Type.Integer({ minimum: 0 })),
    drift: Type.Optional(
      Type.Object(
        {
          alpha: Type.Optional(positive),
          minEffect: Type.Optional(positive),
          confirm: Type.Optional(Type.Object({ checks: natural, of: natural }, closed)),
        },
        closed,
      ),
    ),
    performance: Type.Optional(
      Type.Object({ metric: Type.Union([Type.Literal('accuracy'), Type.Literal('brier')]), worseBy: positive }, closed),
    ),
    service: Type.Optional(
      Type.Object({ maxErrorRatio: Type.Optional(Type.Number()), maxP95Ms: Type.Optional(positive) }, closed),
    ),
  },
  closed,
);

export const RuleDeclarationSchema = Type.Object(
  {
    on: Type.String({
      description: 'Event type, for example `monitoring.alert-opened`; see docs/reference/events.md.',
    }),
    where: Type.Optional(Type.Record(Type.String(), Scalar)),
    actions: Type.Array(
      byKind('What to do.', [
        ofKind('notify', { url: Type.String(), secretEnv: Type.Optional(Type.String()) }),
        ofKind('retrain', { pipeline: Name, params: Type.Optional(Type.Record(Type.String(), Type.Unknown())) }),
        ofKind('roll-back', { endpoint: Name }),
      ]),
      { minItems: 1 },
    ),
    coolDown: Type.Optional(DurationSchema),
    maxPerDay: Type.Optional(natural),
    dryRun: Type.Optional(Type.Boolean()),
    enabled: Type.Optional(Type.Boolean()),
  },
  closed,
);

export const ProjectSchema = Type.Object(
  {
    project: Name,
    description: Type.Optional(Type.String()),
    datasets: Type.Optional(named(DatasetDeclarationSchema, 'Datasets by name.')),
    pipelines: Type.Optional(named(PipelineDeclarationSchema, 'Pipelines by name.')),
    environments: Type.Optional(named(EnvironmentDeclarationSchema, 'Environments by name.')),
    endpoints: Type.Optional(named(EndpointDeclarationSchema, 'Endpoints by name.')),
    monitors: Type.Optional(named(MonitorDeclarationSchema, 'Monitors by name.')),
    streams: Type.Optional(named(StreamDeclarationSchema, 'Streams of messages by name.')),
    rules: Type.Optional(named(RuleDeclarationSchema, 'Automation rules by name.')),
  },
  {
    ...closed,
    $id: 'fairlead-project',
    description: 'A Fairlead project: data, pipelines, endpoints, monitors, streams, rules.',
  },
);
export type ProjectFile = Static<typeof ProjectSchema> & Record<string, unknown>;

export const ProjectRequestSchema = Type.Object(
  {
    folder: Type.String({ description: 'Absolute folder of the project file on the server’s machine.' }),
    project: Type.Unsafe<ProjectFile>({ type: 'object', description: 'The content of the project file.' }),
  },
  closed,
);

export const PlannedChangeSchema = Type.Object(
  {
    kind: Type.Enum(['dataset', 'pipeline', 'environment', 'endpoint', 'policy', 'monitor', 'stream', 'rule']),
    name: Type.String(),
    action: Type.Enum(['create', 'change', 'remove', 'none']),
    /** Dotted paths that differ, with both values as JSON text. */
    differences: Type.Array(
      Type.Object({
        path: Type.String(),
        before: Type.Union([Type.String(), Type.Null()]),
        after: Type.Union([Type.String(), Type.Null()]),
      }),
    ),
  },
  { description: 'What apply would do, or did, to one declared thing.' },
);
export type PlannedChange = Static<typeof PlannedChangeSchema>;

export const PlanSchema = Type.Object({ project: Type.String(), changes: Type.Array(PlannedChangeSchema) });
export type Plan = Static<typeof PlanSchema>;
