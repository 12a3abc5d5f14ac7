import { type Static, Type } from 'typebox';
import { MetricValueSchema } from './tracking-contract.js';

const closed = { additionalProperties: false } as const;
const Ms = Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' });
const Texts = Type.Record(Type.String(), Type.String());
const TextOrNull = Type.Union([Type.String(), Type.Null()]);

export const LoggedModelStatusSchema = Type.Enum(['pending', 'ready', 'failed']);

export const ModelMetricSchema = Type.Object(
  {
    key: Type.String(),
    value: MetricValueSchema,
    timestampMs: Type.Integer({ minimum: 0 }),
    step: Type.Integer(),
    runId: Type.String(),
    datasetName: TextOrNull,
    datasetDigest: TextOrNull,
  },
  { description: 'One value of a metric that a run measured with a model, on a dataset or on none.' },
);

export const LoggedModelSchema = Type.Object(
  {
    id: Type.String(),
    experimentId: Type.String(),
    name: Type.String(),
    modelType: Type.String(),
    sourceRunId: TextOrNull,
    status: LoggedModelStatusSchema,
    lifecycle: Type.Enum(['active', 'deleted']),
    artifactRoot: Type.String({ description: 'Its files are below this address of the tree of files.' }),
    params: Texts,
    tags: Texts,
    metrics: Type.Array(ModelMetricSchema),
    createdAtMs: Ms,
    updatedAtMs: Ms,
  },
  { description: 'A model that a run (or nobody) has written, before anybody registers it.' },
);
export type LoggedModelView = Static<typeof LoggedModelSchema>;

export const CreateLoggedModelSchema = Type.Object(
  {
    experimentId: Type.String(),
    name: Type.Optional(Type.String({ maxLength: 250 })),
    modelType: Type.Optional(Type.String({ maxLength: 500 })),
    sourceRunId: Type.Optional(Type.String()),
    params: Type.Optional(Texts),
    tags: Type.Optional(Texts),
  },
  { ...closed, description: 'A model to log; its files follow.', examples: [{ experimentId: '0', name: 'rain' }] },
);

export const UpdateLoggedModelSchema = Type.Object(
  {
    status: Type.Optional(LoggedModelStatusSchema),
    tags: Type.Optional(Type.Record(Type.String(), TextOrNull, { description: 'A tag of value null is removed.' })),
    params: Type.Optional(Texts),
  },
  { ...closed, description: 'What changes; a parameter never does.', examples: [{ status: 'ready' }] },
);

const ModelLinkSchema = Type.Object({
  modelId: Type.String(),
  step: Type.Union([Type.Integer(), Type.Null()]),
});

export const RunLinksSchema = Type.Object(
  {
    datasets: Type.Array(
      Type.Object({
        dataset: Type.Object({
          name: Type.String(),
          digest: Type.String(),
          sourceType: Type.String(),
          source: Type.String(),
          schema: TextOrNull,
          profile: TextOrNull,
        }),
        tags: Texts,
      }),
    ),
    modelInputs: Type.Array(ModelLinkSchema),
    modelOutputs: Type.Array(ModelLinkSchema),
  },
  { description: 'What a run read and made, by its own word.' },
);
export type RunLinksView = Static<typeof RunLinksSchema>;
