import { type Static, Type } from 'typebox';
import { LifecycleSchema, MetricValueSchema, RunArtifactSchema, RunStatusSchema } from './tracking-contract.js';

const closed = { additionalProperties: false } as const;
const MsOrNull = Type.Union([Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' }), Type.Null()]);
const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const Texts = Type.Record(Type.String(), Type.String());
const Check = Type.Optional(Type.Boolean({ description: 'Compare with what is here, and write nothing.' }));

export const ImportedExperimentSchema = Type.Object(
  {
    check: Check,
    name: Type.String(),
    lifecycle: LifecycleSchema,
    tags: Texts,
    note: Type.String(),
    createdAtMs: MsOrNull,
    updatedAtMs: MsOrNull,
  },
  {
    ...closed,
    description:
      'An experiment as another server recorded it; with the time of its making the name tells it from others.',
    examples: [
      { name: 'rain', lifecycle: 'active', tags: {}, note: '', createdAtMs: 1700000000000, updatedAtMs: null },
    ],
  },
);

export const ImportedRunSchema = Type.Object(
  {
    id: Type.String(),
    experimentId: Type.String({ description: 'The id that the experiment has here.' }),
    name: Type.String(),
    status: RunStatusSchema,
    startedAtMs: MsOrNull,
    endedAtMs: MsOrNull,
    userName: Type.String(),
    parentRunId: TextOrNull,
    note: Type.String(),
    params: Texts,
    tags: Texts,
  },
  { ...closed, description: 'A run as another server recorded it.' },
);

export const ImportedRunsSchema = Type.Object(
  { check: Check, runs: Type.Array(ImportedRunSchema, { maxItems: 200 }) },
  { ...closed, description: 'Runs to take over with their params and tags, in one transaction.' },
);

export const ImportedPointsSchema = Type.Object(
  {
    series: Type.Array(
      Type.Object(
        {
          runId: Type.String(),
          key: Type.String(),
          steps: Type.Array(Type.Integer()),
          timestampsMs: Type.Array(Type.Integer()),
          values: Type.Array(MetricValueSchema),
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'Points of metrics in columns, at most 50,000 together; equal points are kept once.' },
);

const DatasetInput = Type.Object(
  {
    dataset: Type.Object(
      {
        name: Type.String(),
        digest: Type.String(),
        sourceType: Type.String(),
        source: Type.String(),
        schema: TextOrNull,
        profile: TextOrNull,
      },
      closed,
    ),
    tags: Texts,
  },
  closed,
);

export const ImportedLinksSchema = Type.Object(
  {
    check: Check,
    datasets: Type.Array(DatasetInput),
    modelInputs: Type.Array(Type.String()),
    modelOutputs: Type.Array(Type.Object({ modelId: Type.String(), step: Type.Integer() }, closed)),
  },
  { ...closed, description: 'What a run read and made; the models must be here.' },
);

export const ImportedLoggedModelSchema = Type.Object(
  {
    check: Check,
    experimentId: Type.String(),
    name: Type.String(),
    modelType: Type.String(),
    sourceRunId: TextOrNull,
    status: Type.Enum(['pending', 'ready', 'failed']),
    params: Texts,
    tags: Texts,
    metrics: Type.Array(
      Type.Object(
        {
          key: Type.String(),
          value: MetricValueSchema,
          timestampMs: Type.Integer(),
          step: Type.Integer(),
          runId: Type.String(),
          datasetName: TextOrNull,
          datasetDigest: TextOrNull,
        },
        closed,
      ),
    ),
    createdAtMs: MsOrNull,
    updatedAtMs: MsOrNull,
  },
  { ...closed, description: 'A model that a run logged, as another server recorded it.' },
);

export const SettleImportSchema = Type.Object(
  { runIds: Type.Array(Type.String()), modelIds: Type.Array(Type.String()) },
  { ...closed, description: 'Runs and logged models of the experiment that were deleted elsewhere.' },
);

export const ImportOutcomeSchema = Type.Enum(['made', 'found', 'refused', 'absent'], {
  description: 'refused: it cannot be kept, see the problems; absent: it is not here (of a check).',
});

export const ImportVerdictSchema = Type.Object({
  id: Type.String(),
  outcome: ImportOutcomeSchema,
  problems: Type.Array(Type.String(), { description: 'What is not as in the record; it was not touched.' }),
});
export type ImportVerdictView = Static<typeof ImportVerdictSchema>;

export const ImportedPlaceSchema = Type.Object({
  ...ImportVerdictSchema.properties,
  artifactRoot: Type.String({ description: 'Files go below it.' }),
});
export type ImportedPlaceView = Static<typeof ImportedPlaceSchema>;

export const RunInventorySchema = Type.Object(
  {
    runId: Type.String(),
    series: Type.Array(
      Type.Object({ key: Type.String(), points: Type.Integer(), digest: Type.Union([Type.String(), Type.Null()]) }),
    ),
    files: Type.Array(RunArtifactSchema),
  },
  { description: 'What is here of a run, to compare with where it came from.' },
);
export type RunInventoryView = Static<typeof RunInventorySchema>;

export const TakeInventorySchema = Type.Object(
  { runIds: Type.Array(Type.String(), { maxItems: 200 }), digests: Type.Boolean() },
  { ...closed, description: 'Runs to look through; digests of the points are made on request.' },
);

export const ImportedModelSchema = Type.Object(
  {
    check: Check,
    description: Type.String(),
    tags: Texts,
    aliases: Type.Record(Type.String(), Type.Integer({ minimum: 1 })),
    createdAtMs: MsOrNull,
    updatedAtMs: MsOrNull,
    versions: Type.Array(
      Type.Object(
        {
          version: Type.Integer({ minimum: 1 }),
          source: Type.String(),
          runId: TextOrNull,
          loggedModelId: TextOrNull,
          description: Type.String(),
          link: Type.String(),
          stage: Type.Enum(['None', 'Staging', 'Production', 'Archived']),
          lifecycle: LifecycleSchema,
          tags: Texts,
          createdAtMs: MsOrNull,
          updatedAtMs: MsOrNull,
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'A model as another registry recorded it, with the numbers of its versions.' },
);

const VersionVerdict = Type.Object({
  version: Type.Integer(),
  outcome: ImportOutcomeSchema,
  problems: Type.Array(Type.String()),
});

export const ModelImportVerdictSchema = Type.Object({
  outcome: ImportOutcomeSchema,
  problems: Type.Array(Type.String()),
  versions: Type.Array(VersionVerdict),
});
export type ModelImportVerdictView = Static<typeof ModelImportVerdictSchema>;
