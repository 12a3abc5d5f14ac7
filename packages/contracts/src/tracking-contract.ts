import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Ms = Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' });
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'sha256, 64 lower-case hex digits.' });
const Texts = Type.Record(Type.String(), Type.String());
const ParamValues = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
  description: 'Parameters of the run; a value never changes once logged.',
});

export const MetricValueSchema = Type.Union(
  [Type.Number(), Type.Literal('NaN'), Type.Literal('Infinity'), Type.Literal('-Infinity')],
  { description: 'A number, or the name of a value that JSON cannot carry.' },
);

export const RunStatusSchema = Type.Enum(['running', 'scheduled', 'finished', 'failed', 'killed']);
export const LifecycleSchema = Type.Enum(['active', 'deleted']);

export const ExperimentSchema = Type.Object(
  {
    id: Type.String({ description: 'Decimal digits; "0" is the experiment "Default".' }),
    name: Type.String(),
    lifecycle: LifecycleSchema,
    tags: Texts,
    artifactRoot: Type.String({ description: 'Where files of its runs go; `artifacts:/PATH` is kept by this server.' }),
    note: Type.String({ description: 'What people write about it, Markdown.' }),
    createdAtMs: Ms,
    updatedAtMs: Ms,
  },
  { description: 'A name under which runs are compared.' },
);
export type ExperimentView = Static<typeof ExperimentSchema>;

export const CreateExperimentSchema = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 500 }) },
  { ...closed, description: 'An experiment to create; an existing one is returned.', examples: [{ name: 'rain' }] },
);

export const RunEnvironmentSchema = Type.Object(
  {
    git: OrNull(
      Type.Object({
        commit: Type.String(),
        branch: OrNull(Type.String()),
        dirty: Type.Boolean(),
        diffDigest: OrNull(Digest),
      }),
    ),
    runtime: Type.Object({
      node: Type.String(),
      os: Type.String(),
      cpu: Type.String(),
      cores: Type.Integer({ minimum: 1 }),
    }),
    lockfile: OrNull(Type.Object({ name: Type.String(), digest: Digest })),
    fairleadVersion: Type.String(),
    seeds: Type.Record(Type.String(), Type.Number()),
    command: OrNull(Type.Array(Type.String())),
  },
  { title: 'RunEnvironment', description: 'What a run ran on; facts that could not be read are null.' },
);

export const RunSchema = Type.Object(
  {
    id: Type.String(),
    experimentId: Type.String(),
    name: Type.String(),
    status: RunStatusSchema,
    lifecycle: LifecycleSchema,
    parentRunId: OrNull(Type.String()),
    startedAtMs: Ms,
    endedAtMs: OrNull(Ms),
    createdBy: Type.String({ description: 'Who made it by what this server knows.' }),
    userName: Type.String({ description: 'Who made it by the word of the client.' }),
    environment: OrNull(RunEnvironmentSchema),
    artifactRoot: Type.String(),
    group: OrNull(Type.String({ description: 'Runs that belong together, for example the folds of one trial.' })),
    note: Type.String({ description: 'What people write about it, Markdown.' }),
    params: Texts,
    tags: Texts,
    metrics: Type.Record(Type.String(), MetricValueSchema, {
      description: 'Latest value per key: the greatest (step, timestamp, value).',
    }),
  },
  { title: 'Run', description: 'One execution: what went in, what it ran on and what came out.' },
);
export type RunView = Static<typeof RunSchema>;

export const CreateRunSchema = Type.Object(
  {
    experiment: Type.String({ minLength: 1, maxLength: 500 }),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    parentRunId: Type.Optional(Type.String()),
    params: Type.Optional(ParamValues),
    tags: Type.Optional(Texts),
  },
  { ...closed, description: 'A run to start.', examples: [{ experiment: 'rain', params: { depth: 4 } }] },
);

export const EndRunSchema = Type.Object(
  { status: Type.Enum(['finished', 'failed', 'killed']) },
  { ...closed, description: 'How the run ended.', examples: [{ status: 'finished' }] },
);

export const MetricPointSchema = Type.Object(
  {
    key: Type.String(),
    value: MetricValueSchema,
    timestampMs: Type.Integer({ minimum: 0 }),
    step: Type.Integer(),
    dataset: Type.Optional(
      Type.Object(
        { name: Type.String(), digest: Type.String() },
        { ...closed, description: 'What it was measured on.' },
      ),
    ),
  },
  { ...closed, description: 'One value of a metric.' },
);
export type MetricPointView = Static<typeof MetricPointSchema>;

export const RunBatchSchema = Type.Object(
  {
    params: Type.Optional(ParamValues),
    tags: Type.Optional(Texts),
    metrics: Type.Optional(Type.Array(MetricPointSchema)),
  },
  {
    ...closed,
    description: 'Logged whole or not at all. At most 1000 metrics, 100 parameters and 100 tags, 1000 in total.',
    examples: [{ metrics: [{ key: 'loss', value: 0.31, timestampMs: 1700000000000, step: 10 }] }],
  },
);

export const RunArtifactSchema = Type.Object(
  { path: Type.String(), digest: Digest, sizeBytes: Type.Integer({ minimum: 0 }) },
  { description: 'A file of a run.' },
);
export type RunArtifactView = Static<typeof RunArtifactSchema>;

const TagChanges = Type.Record(Type.String(), OrNull(Type.String()), { description: 'null removes a tag.' });

export const ChangeRunSchema = Type.Object(
  {
    status: Type.Optional(RunStatusSchema),
    endedAtMs: Type.Optional(OrNull(Ms)),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    group: Type.Optional(OrNull(Type.String({ maxLength: 500 }))),
    note: Type.Optional(Type.String()),
    tags: Type.Optional(TagChanges),
  },
  { ...closed, description: 'What to change of a run; an ended run may be resumed.', examples: [{ group: 'trial-7' }] },
);

export const ChangeExperimentSchema = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    note: Type.Optional(Type.String()),
    tags: Type.Optional(TagChanges),
  },
  { ...closed, description: 'What to change of an experiment.', examples: [{ note: 'Rain over the harbour.' }] },
);

const ComparisonSchema = Type.Enum([
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'like',
  'ilike',
  'in',
  'not-in',
  'is-null',
  'is-not-null',
]);
const Operand = Type.Union([Type.String(), Type.Number()]);

export const SearchRunsSchema = Type.Object(
  {
    experimentIds: Type.Optional(Type.Array(Type.String(), { maxItems: 10_000, description: 'Absent: all.' })),
    where: Type.Optional(
      Type.Array(
        Type.Object(
          {
            field: Type.Enum([
              'metric',
              'param',
              'tag',
              'id',
              'name',
              'status',
              'userName',
              'artifactRoot',
              'startedAt',
              'endedAt',
              'group',
              'parent',
              'dataset.name',
              'dataset.digest',
              'dataset.context',
            ]),
            key: Type.Optional(Type.String({ description: 'Of a metric, param or tag.' })),
            comparison: ComparisonSchema,
            value: Type.Optional(
              Type.Union([Operand, Type.Array(Operand)], { description: 'None for is-null and is-not-null.' }),
            ),
            orMissing: Type.Optional(Type.Boolean({ description: 'Also runs without the key.' })),
          },
          closed,
        ),
        { description: 'All of them must hold.' },
      ),
    ),
    orderBy: Type.Optional(
      Type.Array(
        Type.Object(
          {
            field: Type.Enum(['metric', 'param', 'tag', 'id', 'name', 'status', 'userName', 'startedAt', 'endedAt']),
            key: Type.Optional(Type.String()),
            direction: Type.Enum(['asc', 'desc']),
          },
          closed,
        ),
        { description: 'Newest first without it. NaN comes after every number, runs without the key last.' },
      ),
    ),
    lifecycle: Type.Optional(Type.Enum(['active', 'deleted', 'all'])),
    parts: Type.Optional(
      Type.Array(Type.Enum(['params', 'tags', 'metrics']), {
        description: 'Which of what was logged to read; absent: all. The others come back empty.',
      }),
    ),
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
    pageToken: Type.Optional(Type.String()),
  },
  {
    ...closed,
    description: 'Runs to find.',
    examples: [{ where: [{ field: 'metric', key: 'loss', comparison: '<', value: 0.3 }], parts: ['metrics'] }],
  },
);

export const CompareRunsSchema = Type.Object(
  { runIds: Type.Array(Type.String(), { minItems: 2, maxItems: 1000 }) },
  { ...closed, description: 'Runs to compare.' },
);

export const RunDifferenceSchema = Type.Object(
  {
    field: Type.Enum(['attribute', 'param', 'metric', 'tag']),
    key: Type.String(),
    values: Type.Array(Type.Union([Type.String(), Type.Number(), Type.Null()]), {
      description: 'In the order of the runs; null where a run has none; NaN and infinities by their names.',
    }),
  },
  { description: 'Something that is not the same in all of the runs.' },
);
export type RunDifferenceView = Static<typeof RunDifferenceSchema>;

export const SampledMetricSchema = Type.Object(
  { items: Type.Array(MetricPointSchema), totalPoints: Type.Integer({ minimum: 0 }) },
  { description: 'Points for a chart: first, last, smallest and greatest of each stretch of steps.' },
);
export type SampledMetricView = Static<typeof SampledMetricSchema>;
