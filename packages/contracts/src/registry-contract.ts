import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const Ms = Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' });
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'sha256, 64 lower-case hex digits.' });
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Scalar = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]);

export const ModelInputSchema = Type.Object(
  {
    name: Type.String(),
    type: Type.Enum(['number', 'integer', 'boolean', 'string', 'timestamp']),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    categories: Type.Optional(Type.Array(Type.String())),
    nullable: Type.Boolean({ description: 'A missing value is accepted.' }),
  },
  { description: 'One raw column that a model reads, with what training saw in it.' },
);

export const ModelSignatureSchema = Type.Object(
  {
    task: Type.Enum(['classification', 'regression', 'clustering', 'anomaly']),
    inputs: Type.Array(ModelInputSchema),
    target: Type.String(),
    labels: Type.Array(Type.String(), { description: 'Class labels in the order of the probabilities.' }),
    contextColumns: Type.Array(Type.String(), { description: 'Columns that may be sent along and are only captured.' }),
  },
  { description: 'What a packaged model takes and gives.' },
);

export const ModelSchema = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    createdAtMs: Ms,
    createdBy: Type.String(),
    latestVersion: OrNull(Type.Integer()),
    aliases: Type.Record(Type.String(), Type.Integer()),
  },
  { description: 'A name under which model versions are numbered.' },
);
export type ModelView = Static<typeof ModelSchema>;

export const ModelVersionSchema = Type.Object(
  {
    model: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    digest: Digest,
    files: Type.Array(Type.Object({ path: Type.String(), digest: Digest, sizeBytes: Type.Integer() })),
    signature: ModelSignatureSchema,
    parity: Type.Object({
      rows: Type.Integer(),
      maxAbsDifference: Type.Number(),
      labelsEqual: Type.Boolean(),
      tolerance: Type.Number(),
      verdict: Type.Enum(['pass', 'fail']),
    }),
    source: Type.Object({
      pipelineRunId: OrNull(Type.String()),
      trackingRunId: OrNull(Type.String()),
      splitId: Type.String(),
      datasetVersionId: Type.String(),
      trainPart: Type.String(),
      trainer: Type.String(),
      params: Type.Record(Type.String(), Scalar),
    }),
    reportDigest: Digest,
    profileDigest: Digest,
    tags: Type.Record(Type.String(), Type.String()),
    createdAtMs: Ms,
    createdBy: Type.String(),
  },
  { description: 'One packaged model. Its identity is the digest of model.onnx.' },
);
export type ModelVersionView = Static<typeof ModelVersionSchema>;

export const SetAliasSchema = Type.Object(
  { version: Type.Integer({ minimum: 1 }) },
  { ...closed, description: 'The version an alias shall point at.', examples: [{ version: 3 }] },
);
export const AliasHistorySchema = Type.Object({
  items: Type.Array(
    Type.Object({ alias: Type.String(), version: OrNull(Type.Integer()), atMs: Ms, by: Type.String() }),
  ),
});
export const SetTagsSchema = Type.Object(
  { tags: Type.Record(Type.String({ minLength: 1, maxLength: 250 }), OrNull(Type.String({ maxLength: 5_000 }))) },
  { ...closed, description: 'Tags to set; null removes one.', examples: [{ tags: { team: 'port', draft: null } }] },
);
export const SetCardTextSchema = Type.Object(
  {
    section: Type.String({ maxLength: 100 }),
    name: Type.String({ maxLength: 100 }),
    text: Type.String({ minLength: 1, maxLength: 10_000 }),
  },
  { ...closed, description: 'A field of the model card that only a person can write.' },
);
export const ModelCardSchema = Type.Object(
  {
    model: Type.String(),
    version: Type.Integer(),
    fields: Type.Array(
      Type.Object({
        section: Type.String(),
        name: Type.String(),
        value: OrNull(Type.String()),
        source: Type.Enum(['fact', 'human', 'missing']),
      }),
    ),
    completenessRatio: Type.Number({ minimum: 0, maximum: 1 }),
    markdown: Type.String(),
  },
  { description: 'The card of a model version: each field with its source.' },
);
export type ModelCardView = Static<typeof ModelCardSchema>;
