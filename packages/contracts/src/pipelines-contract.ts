import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Ms = Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' });
const Values = Type.Record(Type.String(), Type.Unknown());
const Texts = Type.Record(Type.String(), Type.String());

export const ArtifactRefSchema = Type.Object(
  {
    kind: Type.String({ description: 'dataset-version, split, model, report, model-version, release, file …' }),
    id: Type.String(),
    digest: Type.String({ description: 'Equal digest, equal content.' }),
  },
  { description: 'A result that another step or room can use.' },
);

export const StepSpecSchema = Type.Object(
  {
    uses: Type.Optional(Type.String({ description: 'A built-in step, for example `train`.' })),
    function: Type.Optional(Type.String({ description: '`module#export`, relative to the project folder.' })),
    run: Type.Optional(Type.Array(Type.String(), { minItems: 1, description: 'A command and its arguments.' })),
    needs: Type.Optional(Type.Array(Type.String())),
    inputs: Type.Optional(Texts),
    with: Type.Optional(Values),
    outputs: Type.Optional(Texts),
    env: Type.Optional(Texts),
    code: Type.Optional(Type.Array(Type.String())),
    retries: Type.Optional(Type.Integer({ minimum: 0, maximum: 10 })),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1 })),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 4294967295 })),
    cacheSalt: Type.Optional(Type.String()),
    cache: Type.Optional(Type.Boolean()),
  },
  { ...closed, description: 'One step: exactly one of `uses`, `function` or `run`.' },
);

export const TriggerSpecSchema = Type.Union(
  [
    Type.Object({ on: Type.Literal('schedule'), cron: Type.String(), timezone: Type.Optional(Type.String()) }, closed),
    Type.Object({ on: Type.Literal('data-version'), dataset: Type.String() }, closed),
    Type.Object({ on: Type.Literal('event'), type: Type.String() }, closed),
  ],
  { description: 'What starts the pipeline by itself.' },
);

export const PipelineSpecSchema = Type.Object(
  {
    description: Type.Optional(Type.String()),
    steps: Type.Record(Type.String(), StepSpecSchema),
    triggers: Type.Optional(Type.Array(TriggerSpecSchema)),
    params: Type.Optional(Values),
    concurrency: Type.Optional(Type.Enum(['queue', 'skip'])),
  },
  {
    ...closed,
    title: 'PipelineSpec',
    description: 'Steps, their order by `needs` and `inputs`, parameters with their defaults, triggers.',
    examples: [{ params: { depth: 4 }, steps: { fit: { run: ['python3', 'fit.py'], outputs: { model: 'm.onnx' } } } }],
  },
);

export const PipelineSchema = Type.Object(
  {
    name: Type.String(),
    spec: PipelineSpecSchema,
    specDigest: Type.String(),
    projectFolder: Type.String(),
    updatedAtMs: Ms,
  },
  { description: 'A declared pipeline.' },
);
export type PipelineView = Static<typeof PipelineSchema>;

export const DeclarePipelineSchema = Type.Object(
  {
    spec: PipelineSpecSchema,
    projectFolder: Type.Optional(
      Type.String({ description: 'Where its code lies on the server. Absent: where the declared pipeline has it.' }),
    ),
  },
  { ...closed, description: 'A pipeline to declare or change.' },
);

export const StepRunSchema = Type.Object(
  {
    name: Type.String(),
    state: Type.Enum(['waiting', 'queued', 'running', 'succeeded', 'cached', 'failed', 'cancelled', 'skipped']),
    attempt: Type.Integer(),
    startedAtMs: OrNull(Ms),
    endedAtMs: OrNull(Ms),
    cacheKey: OrNull(Type.String()),
    whyNotCached: Type.Array(Type.String(), { description: 'What changed since the last result, in words.' }),
    cachedFromRunId: OrNull(Type.String()),
    outputs: Type.Record(Type.String(), ArtifactRefSchema),
    summary: Type.Unknown(),
    trackingRunId: OrNull(Type.String()),
    error: OrNull(Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() })),
    progress: OrNull(Type.Object({ ratio: Type.Number(), message: Type.String() })),
  },
  { title: 'StepRun', description: 'How one step of a run stands.' },
);

export const PipelineRunStateSchema = Type.Enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']);

export const PipelineRunSchema = Type.Object(
  {
    id: Type.String(),
    pipeline: Type.String(),
    specDigest: Type.String(),
    state: PipelineRunStateSchema,
    params: Values,
    trigger: Type.Object({
      kind: Type.Enum(['manual', 'api', 'schedule', 'data-version', 'event', 'automation']),
      ref: OrNull(Type.String()),
    }),
    createdBy: Type.String(),
    createdAtMs: Ms,
    endedAtMs: OrNull(Ms),
    steps: Type.Array(StepRunSchema),
  },
  { title: 'PipelineRun', description: 'One execution of a pipeline.' },
);
export type PipelineRunView = Static<typeof PipelineRunSchema>;

export const StartPipelineRunSchema = Type.Object(
  {
    params: Type.Optional(Values),
    cache: Type.Optional(
      Type.Enum(['auto', 'off', 'refresh'], {
        description: 'auto: use former results; off: neither use nor keep; refresh: keep, but do not use.',
      }),
    ),
  },
  { ...closed, description: 'How to run the pipeline.', examples: [{ params: { depth: 8 } }] },
);

export const PipelineRunAnswerSchema = Type.Object(
  { runId: Type.String(), run: PipelineRunSchema },
  { description: 'The run as it stands after the time given by waitMs.' },
);

export const StepKindSchema = Type.Object(
  { uses: Type.String(), title: Type.String(), version: Type.String(), cacheable: Type.Boolean() },
  { description: 'A built-in step.' },
);
