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

export const RunStatusSchema = Type.Enum(['running', 'finished', 'failed', 'killed']);

export const ExperimentSchema = Type.Object(
  { id: Type.String(), name: Type.String(), tags: Texts, createdAtMs: Ms },
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
  { description: 'What a run ran on; facts that could not be read are null.' },
);

export const RunSchema = Type.Object(
  {
    id: Type.String(),
    experimentId: Type.String(),
    name: Type.String(),
    status: RunStatusSchema,
    parentRunId: OrNull(Type.String()),
    startedAtMs: Ms,
    endedAtMs: OrNull(Ms),
    createdBy: Type.String(),
    environment: OrNull(RunEnvironmentSchema),
    params: Texts,
    tags: Texts,
    metrics: Type.Record(Type.String(), MetricValueSchema, {
      description: 'Latest value per key: the greatest (step, timestamp, value).',
    }),
  },
  { description: 'One execution: what went in, what it ran on and what came out.' },
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

export const LineageNodeSchema = Type.Object(
  { kind: Type.String(), id: Type.String() },
  { description: 'A source, dataset-version, split, run, model-version, deployment, report …' },
);

export const LineageGraphSchema = Type.Object(
  {
    root: LineageNodeSchema,
    nodes: Type.Array(LineageNodeSchema),
    edges: Type.Array(Type.Object({ from: LineageNodeSchema, to: LineageNodeSchema, relation: Type.String() })),
    truncated: Type.Boolean({ description: 'True when there is more than maxNodes nodes.' }),
  },
  { description: 'What something was made from, and what was made from it.' },
);
export type LineageGraphView = Static<typeof LineageGraphSchema>;
