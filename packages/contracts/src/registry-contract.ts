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
    examples: Type.Optional(
      Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
        description: 'Cells of the rows that came with the model as its example.',
      }),
    ),
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
    tensor: Type.Optional(
      Type.Object(
        { name: OrNull(Type.String()) },
        { description: 'Of a model that a program serves: its columns are one tensor of that name there.' },
      ),
    ),
    ownTensor: Type.Optional(
      Type.Object(
        { name: Type.String(), datatype: Type.String(), shape: Type.Array(Type.Integer({ minimum: -1 })) },
        {
          description:
            'The one input that the model had where it was made; requests may name it in place of its columns.',
        },
      ),
    ),
  },
  { title: 'ModelSignature', description: 'What a packaged model takes and gives.' },
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
    form: Type.Optional(
      Type.Literal('folder', {
        description: 'Files that only a program or another server can load; absent: model.onnx.',
      }),
    ),
    files: Type.Array(Type.Object({ path: Type.String(), digest: Digest, sizeBytes: Type.Integer() })),
    signature: ModelSignatureSchema,
    parity: OrNull(
      Type.Object(
        {
          rows: Type.Integer(),
          maxAbsDifference: Type.Number(),
          labelsEqual: Type.Boolean(),
          tolerance: Type.Number(),
          verdict: Type.Enum(['pass', 'fail']),
        },
        { description: 'The package against the trainer; null of a model that came as an ONNX file.' },
      ),
    ),
    source: Type.Object({
      pipelineRunId: OrNull(Type.String()),
      trackingRunId: OrNull(Type.String()),
      splitId: OrNull(Type.String()),
      datasetVersionId: OrNull(Type.String()),
      trainPart: OrNull(Type.String()),
      trainer: OrNull(Type.String()),
      params: Type.Record(Type.String(), Scalar),
    }),
    reportDigest: OrNull(Digest),
    profileDigest: OrNull(Digest),
    tags: Type.Record(Type.String(), Type.String()),
    createdAtMs: Ms,
    createdBy: Type.String(),
  },
  {
    title: 'ModelVersion',
    description: 'One packaged model. Its identity is the digest of model.onnx, or of the manifest of its folder.',
  },
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

const Texts = Type.Record(Type.String(), Type.String());
const StageSchema = Type.Enum(['None', 'Staging', 'Production', 'Archived']);

export const VersionRecordSchema = Type.Object(
  {
    model: Type.String(),
    version: Type.Integer(),
    source: Type.String({ description: 'artifacts:/…, model:NAME/VERSION, logged-model:ID, or an allowed address.' }),
    filesRoot: Type.String({ description: 'Where its files are after following copies and logged models.' }),
    runId: OrNull(Type.String()),
    loggedModelId: OrNull(Type.String()),
    flavours: Type.Array(Type.String()),
    stage: StageSchema,
    description: Type.String(),
    link: Type.String(),
    tags: Texts,
    aliases: Type.Array(Type.String()),
    lifecycle: Type.Enum(['active', 'deleted']),
    servable: Type.Enum(['yes', 'no', 'pending']),
    notServable: OrNull(Type.String({ description: 'Why it cannot be served as it is.' })),
    packaged: OrNull(ModelVersionSchema),
    createdAtMs: Ms,
    updatedAtMs: Ms,
    createdBy: Type.String(),
  },
  { title: 'ModelRecordVersion', description: 'A model version of any flavour.' },
);
export type VersionRecordView = Static<typeof VersionRecordSchema>;

export const ModelRecordSchema = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    tags: Texts,
    aliases: Type.Record(Type.String(), Type.Integer()),
    latest: Type.Array(VersionRecordSchema, { description: 'The newest version of each stage that has one.' }),
    createdAtMs: Ms,
    updatedAtMs: Ms,
    createdBy: Type.String(),
  },
  { title: 'ModelRecord', description: 'A model with versions of any flavour.' },
);
export type ModelRecordView = Static<typeof ModelRecordSchema>;

export const NewRecordSchema = Type.Object(
  { name: Type.String(), description: Type.Optional(Type.String()), tags: Type.Optional(Texts) },
  { ...closed, description: 'A model to create.', examples: [{ name: 'rain', tags: { team: 'port' } }] },
);
export const ChangeRecordSchema = Type.Object(
  {
    name: Type.Optional(Type.String({ description: 'The new name; versions, aliases and history move with it.' })),
    description: Type.Optional(Type.String()),
    tags: Type.Optional(Type.Record(Type.String(), OrNull(Type.String()))),
  },
  {
    ...closed,
    description: 'What shall be otherwise; a tag of null is removed.',
    examples: [{ tags: { draft: null } }],
  },
);
export const NewVersionRecordSchema = Type.Object(
  {
    source: Type.String(),
    runId: Type.Optional(Type.String()),
    loggedModelId: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    link: Type.Optional(Type.String()),
    tags: Type.Optional(Texts),
  },
  { ...closed, description: 'A version to register.', examples: [{ source: 'model:rain/3' }] },
);
export const SetStageSchema = Type.Object(
  { stage: StageSchema, archiveExisting: Type.Optional(Type.Boolean()) },
  { ...closed, description: 'The stage to enter.', examples: [{ stage: 'Production', archiveExisting: true }] },
);
export const StandingsSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      what: Type.Enum(['stage', 'alias']),
      name: Type.String(),
      version: OrNull(Type.Integer()),
      atMs: Ms,
      by: Type.String(),
    }),
  ),
});
